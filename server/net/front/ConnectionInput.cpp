// How a connection makes messages of bytes.
#include "net/front/Connection.h"

#include "net/front/Exchange.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::size_t PADDING = base::JsonDocument::PADDING;
constexpr std::size_t READ_BYTES = 16384;        // room for bytes that come behind an incomplete message
constexpr std::size_t FIRST_BODY_BYTES = 262144; // reserved on the client's word; more only as it comes
constexpr std::size_t MAX_DISCARDED_BYTES = 16 * 1024 * 1024;
constexpr std::string_view CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

} // namespace

void Connection::Input::reserve(std::size_t wanted)
{
    if (wanted <= capacity)
        return;
    const std::size_t larger = std::max(wanted, capacity * 2);
    std::unique_ptr<char[]> fresh(new char[larger + PADDING]);
    if (size > 0)
        std::memcpy(fresh.get(), bytes.get(), size);
    bytes = std::move(fresh);
    capacity = larger;
}

void Connection::Input::keep(guard::Admission&& word)
{
    admitted = true;
    admission = std::move(word);
    clientAddress = admission.clientAddress;
    admission.clientAddress = clientAddress;
}

void Connection::Input::append(const char* from, std::size_t count)
{
    reserve(size + count);
    std::memcpy(bytes.get() + size, from, count);
    size += count;
}

void Connection::Input::dropFront(std::size_t count)
{
    size -= count;
    std::memmove(bytes.get(), bytes.get() + count, size);
    scanned = headLength = bodyLength = tail = 0;
    decoder = ChunkedDecoder();
    phase = Phase::HEAD;
    admitted = false;
    admission = guard::Admission();
}

Connection::Input& Connection::input()
{
    if (!_input)
    {
        _input = std::make_unique<Input>();
        _input->sinceMs = _front.nowMs.load(std::memory_order_relaxed);
    }
    return *_input;
}

Connection::Outcome Connection::advance(Scratch& scratch)
{
    for (;;)
    {
        if (_lingerMs != 0)
            return discard(scratch);
        if (_busy.load())
        {
            if (_hangup.load(std::memory_order_relaxed))
                return Outcome::CLOSE; // who waits for this answer has gone
            if (!_unread && !_input)
                return Outcome::KEEP;
            // Who completes the exchange looks at the wish after ending `_busy`, and this thread at `_busy` after the
            // wish: one of the two sees the other.
            _resumeWanted.store(true);
            if (_busy.load())
                return Outcome::KEEP;
            _resumeWanted.store(false);
        }
        const End end = ending();
        if (end == End::NOW)
        {
            if (_lingerMs == 0)
                return Outcome::CLOSE;
            continue;
        }
        if (end == End::LATER)
            return Outcome::KEEP;

        Step step = _input && _input->size > 0 ? fromInput(scratch) : Step::NEED;
        if (step == Step::NEED)
        {
            if (!_unread)
                return Outcome::KEEP;
            step = receive(scratch);
        }
        if (step == Step::PARK)
            return Outcome::PARK;
    }
}

Connection::Step Connection::receive(Scratch& scratch)
{
    const bool appending = _input && _input->size > 0;
    char* to = scratch.buffer.get();
    std::size_t room = Scratch::BYTES;
    if (appending)
    {
        _input->reserve(_input->size + READ_BYTES);
        to = _input->bytes.get() + _input->size;
        room = _input->capacity - _input->size;
    }
    std::size_t got = 0;
    Channel::Io io;
    if (_channel.secure())
    {
        const std::lock_guard lock(_mutex);
        io = _channel.read(to, room, got);
    }
    else
        io = _channel.read(to, room, got);
    if (io == Channel::Io::CLOSED)
        return endOfInput();
    if (io == Channel::Io::WOULD_BLOCK)
    {
        _unread = false;
        return Step::NEED;
    }
    _front.metrics.bytesReceived.add(got);
    _activeMs.store(_front.nowMs.load(std::memory_order_relaxed), std::memory_order_relaxed);
    // A short read of a plain socket says that there is no more; a peer that has closed is told apart, so that its end
    // is read in any case.
    if (got < room && !_channel.secure() && !_hangup.load(std::memory_order_relaxed))
        _unread = false;
    if (!appending)
        return fromScratch(to, got, scratch);
    _input->size += got;
    return Step::SERVED;
}

Connection::Step Connection::endOfInput()
{
    _unread = false;
    if (_input && _input->size > 0)
    {
        _input->size = 0;
        return refuse(400, "the message ended early");
    }
    const std::lock_guard lock(_mutex);
    _closing = true;
    return Step::END;
}

Connection::Step Connection::fromScratch(char* data, std::size_t size, Scratch& scratch)
{
    Step step = Step::SERVED;
    while (size > 0 && step == Step::SERVED && !_busy.load(std::memory_order_relaxed))
    {
        std::size_t consumed = 0;
        step = message(data, size, consumed, scratch);
        data += consumed;
        size -= consumed;
    }
    if (size > 0 && step != Step::END)
        input().append(data, size);
    return step;
}

Connection::Step Connection::fromInput(Scratch& scratch)
{
    if (_input->phase != Phase::HEAD)
        return body(scratch);
    if (!_input->admitted) // of a message that waited, the end is known
    {
        const HeadParser::Result found =
            HeadParser::scan({_input->bytes.get(), _input->size}, _front.headLimits, _input->scanned);
        if (found.state == HeadParser::State::REFUSED)
            return refuse(found.status, found.reason);
        if (found.state == HeadParser::State::INCOMPLETE)
            return Step::NEED;
    }
    std::size_t consumed = 0;
    const Step step = message(_input->bytes.get(), _input->size, consumed, scratch);
    if (step == Step::NEED && _input->phase != Phase::HEAD)
        return body(scratch); // some of it, or all, is here already
    if (step == Step::SERVED)
    {
        _input->dropFront(consumed);
        _input->sinceMs = _front.nowMs.load(std::memory_order_relaxed);
        if (_input->size == 0)
            _input.reset();
    }
    return step;
}

Connection::Step Connection::message(const char* data, std::size_t size, std::size_t& consumed, Scratch& scratch)
{
    RequestHead& head = scratch.head;
    const HeadParser::Result parsed = HeadParser::parse({data, size}, _front.headLimits, head);
    if (parsed.state == HeadParser::State::INCOMPLETE)
        return Step::NEED;
    if (parsed.state == HeadParser::State::REFUSED)
        return refuse(parsed.status, parsed.reason);
    if (head.contentLength > _front.settings.maxMessageBytes)
        return refuse(413, "the body is larger than limits.maxMessageBytes");

    const std::size_t total = head.length + static_cast<std::size_t>(head.contentLength);
    const bool bodyHere = !head.chunked && total <= size;
    guard::Admission fresh;
    const bool known = _input && _input->admitted;
    guard::Admission& admission = known ? _input->admission : fresh;
    if (!known)
    {
        Step otherwise = Step::END;
        if (!admit(head, bodyHere, admission, otherwise))
        {
            consumed = bodyHere ? total : size;
            return otherwise;
        }
    }
    if (!bodyHere)
        return beginBody(head, std::move(fresh), size);
    const Step step = dispatch(head, {data + head.length, total - head.length}, admission, scratch);
    if (step != Step::PARK)
        consumed = total;
    return step;
}

Connection::Step Connection::beginBody(const RequestHead& head, guard::Admission&& admission, std::size_t size)
{
    Input& in = input();
    in.phase = head.chunked ? Phase::CHUNKED : Phase::LENGTH;
    in.headLength = head.length;
    in.bodyLength = static_cast<std::size_t>(head.contentLength);
    in.sinceMs = _front.nowMs.load(std::memory_order_relaxed);
    in.keep(std::move(admission));
    in.reserve(head.length + std::min(in.bodyLength, FIRST_BODY_BYTES));
    if (head.expectsContinue && size == head.length)
    {
        const std::lock_guard lock(_mutex);
        transmit(std::span(&CONTINUE, 1));
    }
    return Step::NEED;
}

Connection::Step Connection::body(Scratch& scratch)
{
    Input& in = *_input;
    if (in.phase == Phase::CHUNKED)
    {
        const std::size_t at = in.headLength + in.bodyLength;
        std::size_t consumed = 0, produced = 0;
        const auto state = in.decoder.feed(in.bytes.get() + at, in.size - at, in.bytes.get() + at,
                                           _front.settings.maxMessageBytes, consumed, produced);
        in.bodyLength += produced;
        if (state == ChunkedDecoder::State::MALFORMED)
            return refuse(400, "the chunked body is malformed");
        if (state == ChunkedDecoder::State::TOO_LARGE)
            return refuse(413, "the body is larger than limits.maxMessageBytes");
        if (state == ChunkedDecoder::State::MORE)
        {
            in.size = at + produced;
            return Step::NEED;
        }
        in.phase = Phase::LENGTH;
        in.tail = at + consumed;
    }
    if (in.tail == 0)
        in.tail = in.headLength + in.bodyLength;
    if (in.size < in.tail)
        return Step::NEED;
    HeadParser::parse({in.bytes.get(), in.headLength}, _front.headLimits, scratch.head);
    const Step step = dispatch(scratch.head, {in.bytes.get() + in.headLength, in.bodyLength}, in.admission, scratch);
    if (step == Step::SERVED)
    {
        in.dropFront(in.tail);
        if (in.size == 0)
            _input.reset();
    }
    return step;
}

Connection::Outcome Connection::discard(Scratch& scratch)
{
    for (;;)
    {
        std::size_t got = 0;
        Channel::Io io;
        {
            const std::lock_guard lock(_mutex);
            io = _channel.read(scratch.buffer.get(), Scratch::BYTES, got);
        }
        if (io == Channel::Io::WOULD_BLOCK)
            return Outcome::KEEP;
        _discarded += got;
        if (io == Channel::Io::CLOSED || _discarded > MAX_DISCARDED_BYTES)
            return Outcome::CLOSE;
    }
}

} // namespace tenon::net

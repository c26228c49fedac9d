#include "net/connection/RequestReader.h"

#include "base/json/JsonDocument.h"
#include "net/connection/FrontState.h"
#include "net/http/PlainHead.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::size_t PADDING = base::JsonDocument::PADDING;
constexpr std::size_t READ_BYTES = 16384;        // room for bytes that come behind an incomplete message
constexpr std::size_t FIRST_BODY_BYTES = 262144; // reserved on the client's word; more only as it comes
constexpr const char* TOO_LARGE = "the body is larger than this path takes";
constexpr std::size_t SMALL = READ_BYTES + PADDING;
constexpr const char* NO_MEMORY = "limits.memoryMb is used up; try again later";

} // namespace

bool RequestReader::refuse(int status, std::string_view reason)
{
    _fault = {status, reason};
    return false;
}

/// What every connection may need is not refused: there are so many connections. What is more is its holder's.
bool RequestReader::count(std::size_t total)
{
    Own& own = *_own;
    const std::size_t small = std::min(total, SMALL);
    if (total > small && !own.beyond)
        own.beyond = _front.bodies.shareOf(_peer, {});
    if (!own.beyond.tryResize(total - small))
        return refuse(503, NO_MEMORY);
    own.share.resize(small);
    return true;
}

bool RequestReader::reserve(std::size_t wanted)
{
    Own& own = *_own;
    if (own.begin + wanted <= own.capacity)
        return true;
    if (own.begin > 0 && wanted <= own.capacity)
    {
        std::memmove(own.bytes.get(), own.bytes.get() + own.begin, own.size);
        own.begin = 0;
        return true;
    }
    // Doubled, so that a body that comes in pieces is not copied with each; but not beyond what is expected.
    std::size_t larger = std::max(wanted, own.capacity * 2);
    if (_phase == Phase::LENGTH)
        larger = std::max(wanted, std::min(larger, _headLength + _bodyLength + READ_BYTES));
    if (!count(larger + PADDING))
        return false;
    std::unique_ptr<char[]> fresh(new char[larger + PADDING]);
    if (own.size > 0)
        std::memcpy(fresh.get(), own.bytes.get() + own.begin, own.size);
    own.bytes = std::move(fresh);
    own.capacity = larger;
    own.begin = 0;
    return true;
}

RequestReader::Found RequestReader::next(ConnectionInput& input, Scratch& scratch)
{
    if (_hungry || !begun())
    {
        if (!input.unread())
            return Found::NOTHING;
        if (_own && !reserve(_own->size + READ_BYTES))
            return Found::FAULT;
        if (!_own)
            _window = scratch.buffer.get();
        const std::size_t used = _own ? _own->begin + _own->size : 0;
        const std::span<char> room = _own ? std::span(_own->bytes.get() + used, _own->capacity - used)
                                          : std::span(scratch.buffer.get(), Scratch::BYTES);
        std::size_t got = 0;
        const SocketChannel::Io io = input.read(room, got);
        if (io != SocketChannel::Io::DONE)
            return io == SocketChannel::Io::CLOSED ? Found::END : Found::NOTHING;
        (_own ? _own->size : _left) += got;
        _hungry = false;
    }
    // Nearly every message comes in one piece, and its head is plain and much like the one before.
    if (_phase == Phase::HEAD && !_own &&
        PlainHead::parse({at(), size()}, _front.headLimits, scratch.head, scratch.headOf(this)))
    {
        _headIsFresh = true;
        return Found::HEAD;
    }
    const Found found = look(scratch);
    if (found != Found::NOTHING)
        return found;
    _hungry = true;
    return keep() ? Found::NOTHING : Found::FAULT;
}

RequestReader::Found RequestReader::look(Scratch& scratch)
{
    switch (_phase)
    {
    case Phase::HEAD:
        return size() > 0 ? head(scratch) : Found::NOTHING;
    case Phase::LENGTH:
        return bodyOfLength(scratch);
    case Phase::CHUNKED:
        return chunks(scratch);
    case Phase::WHOLE:
        return found(scratch);
    }
    return Found::NOTHING;
}

RequestReader::Found RequestReader::head(Scratch& scratch)
{
    if (_own)
    {
        const HeadParser::Result looked = HeadParser::scan({at(), size()}, _front.headLimits, _own->scanned);
        if (looked.state == HeadParser::State::REFUSED)
            return refuse(looked.status, looked.reason), Found::FAULT;
        if (looked.state == HeadParser::State::INCOMPLETE)
            return Found::NOTHING;
    }
    const HeadParser::Result parsed = HeadParser::parse({at(), size()}, _front.headLimits, scratch.head);
    if (parsed.state == HeadParser::State::REFUSED)
        return refuse(parsed.status, parsed.reason), Found::FAULT;
    _headIsFresh = parsed.state == HeadParser::State::COMPLETE;
    return _headIsFresh ? Found::HEAD : Found::NOTHING;
}

bool RequestReader::skipBody(const Scratch& scratch)
{
    const RequestHead& head = scratch.head;
    const bool complete = !head.chunked && head.length + head.contentLength <= size();
    _headLength = head.length;
    _bodyLength = 0;
    _phase = Phase::WHOLE;
    _end = complete ? _headLength + static_cast<std::size_t>(head.contentLength) : size();
    return complete;
}

bool RequestReader::expectBody(const Scratch& scratch, std::size_t most, std::string_view holder,
                               const base::HolderLimits& limits)
{
    const RequestHead& head = scratch.head;
    if (head.contentLength > most)
        return refuse(413, TOO_LARGE);
    _headLength = head.length;
    _bodyLength = static_cast<std::size_t>(head.contentLength);
    _most = most;
    _end = head.chunked ? 0 : _headLength + _bodyLength;
    if (!head.chunked && _end <= size())
    {
        _phase = Phase::WHOLE;
        return true;
    }
    _phase = head.chunked ? Phase::CHUNKED : Phase::LENGTH;
    if (!keep())
        return false;
    _own->sinceMs = _front.nowMs.load(std::memory_order_relaxed);
    _own->decoder = ChunkedDecoder();
    _own->beyond = _front.bodies.shareOf(holder, limits);
    return count(_own->capacity + PADDING) && reserve(_headLength + std::min(_bodyLength, FIRST_BODY_BYTES));
}

RequestReader::Found RequestReader::bodyOfLength(Scratch& scratch)
{
    if (size() < _end)
        return Found::NOTHING;
    _phase = Phase::WHOLE;
    return found(scratch);
}

RequestReader::Found RequestReader::chunks(Scratch& scratch)
{
    Own& own = *_own;
    char* const begin = own.bytes.get() + own.begin;
    const std::size_t place = _headLength + _bodyLength;
    std::size_t consumed = 0, produced = 0;
    const auto state = own.decoder.feed(begin + place, own.size - place, begin + place, _most, consumed, produced);
    _bodyLength += produced;
    if (state == ChunkedDecoder::State::MALFORMED)
        return refuse(400, "the chunked body is malformed"), Found::FAULT;
    if (state == ChunkedDecoder::State::TOO_LARGE)
        return refuse(413, TOO_LARGE), Found::FAULT;
    if (state == ChunkedDecoder::State::MORE)
    {
        own.size = place + produced;
        return Found::NOTHING;
    }
    _end = place + consumed;
    _phase = Phase::WHOLE;
    return found(scratch);
}

RequestReader::Found RequestReader::found(Scratch& scratch)
{
    // Whoever read the head may have been another thread, and the bytes may have moved.
    if (!_headIsFresh)
        (void)HeadParser::parse({at(), _headLength}, _front.headLimits, scratch.head);
    return Found::REQUEST;
}

void RequestReader::done()
{
    const std::size_t end = std::min(_end, size());
    _headIsFresh = _hungry = false;
    _headLength = _bodyLength = _end = 0;
    _phase = Phase::HEAD;
    if (!_own)
    {
        _window += end;
        _left -= end;
        return;
    }
    _own->begin += end;
    _own->size -= end;
    _own->scanned = 0;
    _own->sinceMs = _front.nowMs.load(std::memory_order_relaxed);
    if (_own->size == 0)
        _own.reset();
}

std::shared_ptr<const void> RequestReader::goOnBehind()
{
    std::shared_ptr<const Own> left = std::move(_own);
    if (left)
    {
        _window = left->bytes.get() + left->begin;
        _left = left->size;
    }
    done();
    return left;
}

bool RequestReader::keep()
{
    _headIsFresh = false;
    if (_own || _left == 0)
        return true;
    auto own = std::make_unique<Own>(_front.budget);
    own->sinceMs = _front.nowMs.load(std::memory_order_relaxed);
    own->bytes.reset(new char[_left + PADDING]);
    own->capacity = own->size = _left;
    std::memcpy(own->bytes.get(), _window, _left);
    _own = std::move(own);
    _left = 0;
    return count(_own->capacity + PADDING);
}

void RequestReader::drop()
{
    _own.reset();
    _left = 0;
    _headIsFresh = _hungry = false;
    _headLength = _bodyLength = _end = 0;
    _phase = Phase::HEAD;
}

} // namespace tenon::net

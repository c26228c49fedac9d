#include "net/connection/Exchange.h"

#include "base/json/JsonWriter.h"
#include "base/websocket/WebSocketReader.h"
#include "net/connection/Connection.h"
#include "net/http/Gzip.h"
#include "net/http/ResponseHead.h"
#include "net/http/SseFrame.h"
#include "net/http/StatusTable.h"

#include <new>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::size_t PACKED_ASIDE_BYTES = 65536; // what takes longer to compress than others should wait
constexpr std::int64_t GATHERED_US = 200;         // a call that takes longer shows each event as it comes
constexpr std::string_view SERVER = "server", JSON = "application/json";
constexpr std::string_view SOCKET_PING("\x89\x00", 2); // a frame without payload

} // namespace

Exchange::Exchange() = default;
Exchange::~Exchange() = default;

void Exchange::begin(std::shared_ptr<Connection> connection, const ResponseForm& form, std::string headers)
{
    _connection = std::move(connection);
    _writer.form = form;
    _writer.headers = std::move(headers);
    _why = SERVER;
    _phase = Phase::FRESH;
    _closed.store(false, std::memory_order_relaxed);
}

void Exchange::recycle(std::shared_ptr<Exchange>&& exchange, std::shared_ptr<Exchange>& spare)
{
    if (exchange.use_count() != 1) // the connection is one who holds it, until it is over
        return;
        // What others did with it while they held it has come before.
#ifdef __SANITIZE_THREAD__
    {
        const auto counted = exchange;
    } // ThreadSanitizer follows no fences; counting up orders as much
#else
    std::atomic_thread_fence(std::memory_order_acquire);
#endif
    exchange->_connection.reset();
    exchange->_writer.reset();
    exchange->_gone = exchange->_wasStream = false;
    exchange->_beatMs = 0;
    exchange->_heartbeat = {};
    exchange->_listener.reset();
    exchange->_challenge.reset();
    exchange->_held.reset();
    exchange->_until = FOR_EVER;
    exchange->_beganUs = 0;
    exchange->_record.reset();
    spare = std::move(exchange);
}

template <typename Work>
bool Exchange::guarded(Work work) noexcept
{
    ServingThread* const mark = ServingThread::of(_connection.get());
    const bool gathers = mark != nullptr && mark->enters();
    Turn turn(_connection->output());
    try
    {
        if (!gathers)
            return work(turn);
        turn.gather();
        const bool sent = work(turn);
        mark->gathers = isYoung();
        return (mark->gathers || turn.sendGathered()) && sent;
    }
    catch (...)
    {
        turn.fail(); // there was no memory for all of it, and part of it would pass for all
        return false;
    }
}

/// Whether more is likely to be sent at once: most calls take no longer.
bool Exchange::isYoung() const
{
    return _beganUs == 0 || base::steadyUs() - _beganUs < GATHERED_US;
}

template <typename Work>
void Exchange::conclude(Work work, bool packed) noexcept
{
    ExchangeSlot::Over over;
    {
        Turn turn(_connection->output());
        if (_phase == Phase::DONE || (_phase == Phase::PACKING) != packed)
            return;
        if (packed)
            _phase = Phase::FRESH;
        try
        {
            work(turn);
        }
        catch (...)
        {
            turn.fail();
        }
        over = complete(turn);
    }
    if (_record)
        _record->tellOver(_wasStream, _why);
    if (over.wakes)
        _connection->wake();
}

base::HolderShare Exchange::keepsFor(std::string_view holder, const base::HolderLimits& limits) const
{
    return _connection->front().bodies.shareOf(holder, limits);
}

std::optional<Exchange::NoRoom> Exchange::takeStream(const Request& request)
{
    const guard::Admission& admission = request.admission;
    FrontState& front = _connection->front();
    if (front.metrics.streams.value() >= static_cast<std::int64_t>(front.settings.maxStreams))
    {
        front.metrics.refused("too_many_streams");
        return NoRoom{503, "limits.maxStreams is reached; try again later"};
    }
    base::Quota::HeldPtr held;
    if (const auto most = admission.limits.most(admission.limits.streams, front.settings.maxStreams))
    {
        held = front.streams.take(admission.holder, most);
        if (!held)
        {
            front.metrics.refused("too_many_own_streams");
            return NoRoom{429, "you have reached your limit of open streams; close one, or try again later"};
        }
    }
    const Turn turn(_connection->output());
    _held = std::move(held);
    if (admission.principal)
        _until = admission.principal->expiresAt;
    if (front.access != nullptr)
    {
        if (!_record)
            _record = std::make_unique<ExchangeRecord>(*front.access);
        _record->becomesStream(request);
    }
    return std::nullopt;
}

void Exchange::ofSession(std::string_view sessionId)
{
    const Turn turn(_connection->output());
    if (_record)
        _record->ofSession(sessionId);
}

void Exchange::closesBecause(std::string_view why)
{
    const Turn turn(_connection->output());
    _why = why;
}

void Exchange::asked(std::string_view method, std::string_view name, std::string_view sessionId)
{
    const Turn turn(_connection->output());
    if (_record)
        _record->asked(method, name, sessionId);
}

void Exchange::denied(base::Access access, std::string_view name, bool readOnly)
{
    FrontState& front = _connection->front();
    auto lines = std::make_unique<std::string>(
        headerLines(front.admission.challenge(front.settings.mcpPath, access, name, readOnly)));
    const Turn turn(_connection->output());
    _challenge = std::move(lines);
}

void Exchange::respond(int status, std::string_view contentType, std::span<const std::string_view> body,
                       std::string_view headers)
{
    conclude(
        [&](Turn& turn)
        {
            if (_phase == Phase::FRESH)
                sendWhole(turn, status, contentType, body, headers);
        });
}

void Exchange::respond(const guard::Reply& reply)
{
    // Its Content-Type is among its headers.
    const std::string_view body = reply.body;
    respond(reply.status, {}, body.empty() ? std::span<const std::string_view>() : std::span(&body, 1),
            headerLines(reply.headers));
}

void Exchange::refuse(int status, std::string_view message, std::string_view headers)
{
    std::string body;
    base::JsonWriter(body).beginObject().member("error", statusTitle(status)).member("message", message).endObject();
    const std::string_view part = body;
    respond(status, JSON, std::span(&part, 1), headers);
}

void Exchange::sendWhole(Turn& turn, int status, std::string_view contentType, std::span<const std::string_view> body,
                         std::string_view headers)
{
    if (_record)
        _record->answered(status, _writer.form.headOnly ? 0 : sizeOf(body));
    _writer.whole(turn, status, contentType, body, headers);
}

bool Exchange::beginStream(Turn& turn)
{
    if (_phase != Phase::FRESH)
        return _phase == Phase::STREAM;
    if (!_writer.openStream(turn))
        return false;
    _phase = Phase::STREAM;
    _wasStream = true;
    _connection->front().metrics.streams.add();
    if (_record)
    {
        _record->answered(_writer.form.webSocket ? 101 : 200, 0);
        _record->tellOpened();
    }
    return true;
}

bool Exchange::hasRoom(Turn& turn, std::size_t bytes)
{
    const std::size_t waiting = turn.waiting();
    if (waiting == 0 || waiting + bytes <= _connection->front().settings.streamQueueBytes)
        return true;
    _connection->front().metrics.slowReaders.add();
    _why = SLOW_READER;
    turn.fail();
    return false;
}

bool Exchange::sendFrame(Turn& turn, std::string_view head, std::span<const std::string_view> data)
{
    _connection->front().metrics.eventsSent.add();
    if (_record)
        _record->events(1, head.size() + sizeOf(data) + SSE_END.size());
    return _writer.event(turn, head, data);
}

void Exchange::openStream(std::string_view primingId, std::uint32_t retryMs)
{
    guarded(
        [&](Turn& turn)
        {
            const bool fresh = _phase == Phase::FRESH;
            if (!beginStream(turn) || !fresh || primingId.empty())
                return false;
            std::string head;
            SseFrame{_writer.form.event, primingId, retryMs}.appendHead(head);
            return sendFrame(turn, head, {});
        });
}

bool Exchange::send(std::string_view message, std::string_view eventId)
{
    return sendEvent(_writer.form.event, eventId, message);
}

bool Exchange::sendEvent(std::string_view event, std::string_view id, std::string_view data)
{
    return guarded(
        [&](Turn& turn)
        {
            std::string head;
            std::span<const std::string_view> parts(&data, 1);
            if (data.find_first_of("\r\n") == std::string_view::npos)
                SseFrame{event, id}.appendHead(head);
            else
            {
                SseFrame{event, id}.append(head, data);
                head.resize(head.size() - SSE_END.size());
                parts = {};
            }
            return beginStream(turn) && hasRoom(turn, head.size() + sizeOf(parts)) && sendFrame(turn, head, parts);
        });
}

bool Exchange::sendEvents(std::string_view events, std::size_t count)
{
    return guarded(
        [&](Turn& turn)
        {
            if (!beginStream(turn) || !hasRoom(turn, events.size()))
                return false;
            _connection->front().metrics.eventsSent.add(count);
            if (_record)
                _record->events(count, events.size());
            _writer.piece(turn, events);
            return turn.usable();
        });
}

bool Exchange::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    return guarded(
        [&](Turn& turn)
        {
            std::string head;
            SseFrame{_writer.form.event, eventId}.appendHead(head);
            const std::size_t bytes = head.size() + message->size() + SSE_END.size();
            if (!beginStream(turn) || !hasRoom(turn, bytes))
                return false;
            _connection->front().metrics.eventsSent.add();
            if (_record)
                _record->events(1, bytes);
            return _writer.sharedEvent(turn, head, message);
        });
}

void Exchange::leaveHttp(std::shared_ptr<ByteTaker> taker, std::string_view headers)
{
    guarded(
        [&](Turn& turn)
        {
            if (_phase != Phase::FRESH)
                return false;
            _writer.form.webSocket = true;
            _writer.headers.append(headers);
            _connection->leaveHttp(turn, std::move(taker));
            return beginStream(turn);
        });
}

bool Exchange::sendText(std::span<const std::string_view> parts)
{
    return guarded([&](Turn& turn)
                   { return _phase == Phase::STREAM && hasRoom(turn, sizeOf(parts)) && sendFrame(turn, {}, parts); });
}

bool Exchange::sendControl(std::string_view frame)
{
    return guarded(
        [&](Turn& turn)
        {
            if (_phase != Phase::STREAM || !hasRoom(turn, frame.size()))
                return false;
            _writer.piece(turn, frame);
            return turn.usable();
        });
}

void Exchange::closeSocket(std::uint16_t status, std::string_view reason, std::string_view why)
{
    conclude(
        [&](Turn& turn)
        {
            _why = why;
            if (_phase == Phase::STREAM)
                _writer.piece(turn, base::webSocketFrame(base::WebSocketFrame::CLOSE,
                                                         base::webSocketClosePayload(status, reason)));
        });
}

std::uint32_t Exchange::nowMs() const
{
    return _connection->front().nowMs.load(std::memory_order_relaxed);
}

bool Exchange::congested() const
{
    const Turn turn(_connection->output());
    const std::size_t waiting = turn.waiting();
    return waiting >= ConnectionOutput::WATERMARK || (waiting > 0 && _connection->front().pressed());
}

void Exchange::finish(const mcp::Answer& answer)
{
    // Compressing takes long: not within the turn, and only what can be nothing but a JSON body.
    std::string packed;
    const std::size_t least = _connection->front().settings.gzipMinBytes;
    if (_writer.form.acceptsGzip && _writer.form.acceptsJson && least != 0 && sizeOf(answer.parts) >= least)
    {
        if (sizeOf(answer.parts) < PACKED_ASIDE_BYTES)
            packed = gzip(answer.parts);
        else if (packAside(answer))
            return;
    }
    conclude([&](Turn& turn) { this->answer(turn, answer, packed); });
}

bool Exchange::packAside(const mcp::Answer& answer) noexcept
{
    {
        const Turn turn(_connection->output());
        if (_phase != Phase::FRESH)
            return _phase == Phase::DONE;
        _phase = Phase::PACKING;
        _closed.store(true, std::memory_order_relaxed);
    }
    try
    {
        if (_connection->front().packer.post(
                answer, [self = shared_from_this()](const mcp::Answer& again, std::string_view packed)
                { self->conclude([&](Turn& turn) { self->answer(turn, again, packed); }, true); }))
            return true;
    }
    catch (const std::bad_alloc&)
    {
        // As it is, then: that takes no more.
    }
    const Turn turn(_connection->output());
    if (_phase == Phase::PACKING)
    {
        _phase = Phase::FRESH;
        _closed.store(false, std::memory_order_relaxed);
    }
    return false; // as it is, then
}

void Exchange::failed()
{
    const Turn turn(_connection->output());
    if (_record)
        _record->failed();
}

void Exchange::answer(Turn& turn, const mcp::Answer& answer, std::string_view packed)
{
    using Kind = jsonrpc::ErrorKind;
    FrontMetrics& metrics = _connection->front().metrics;
    if (answer.error == Kind::LIMIT || answer.error == Kind::QUOTA || answer.error == Kind::FORBIDDEN)
        metrics.refused(answer.error == Kind::LIMIT   ? "limit"
                        : answer.error == Kind::QUOTA ? "own_limit"
                                                      : "insufficient_scope");
    if (_record && (answer.error != Kind::NONE || answer.toolFailed))
        _record->failed();
    if (_beganUs != 0 && !answer.parts.empty())
        metrics.durations.observeUs(
            static_cast<std::uint64_t>((answer.readyUs != 0 ? answer.readyUs : base::steadyUs()) - _beganUs));
    const bool failed = answer.error != Kind::NONE, empty = answer.parts.empty();
    if (_phase == Phase::FRESH && (empty || failed || _writer.form.acceptsJson || !answer.sessionId.empty()))
    {
        const int status = failed ? httpStatusOf(answer.error, answer.modern) : empty ? _writer.form.emptyStatus : 200;
        std::string extra;
        if (!answer.sessionId.empty())
            extra.append("Mcp-Session-Id: ").append(answer.sessionId).append("\r\n");
        if (!empty && (answer.error == Kind::LIMIT || answer.error == Kind::QUOTA))
            extra.append("Retry-After: 1\r\n");
        if (!empty && answer.error == Kind::FORBIDDEN && _challenge)
            extra.append(*_challenge);
        if (!packed.empty())
            extra.append("Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
        const auto body = packed.empty() ? answer.parts : std::span(&packed, 1);
        if (_record)
            _record->answered(status, _writer.form.headOnly ? 0 : sizeOf(body));
        return _writer.whole(turn, status, empty ? std::string_view() : JSON, body, extra);
    }
    turn.gather(); // the head, the event and the end leave together, and what was gathered before
    if (!beginStream(turn))
        return;
    if (!answer.parts.empty())
    {
        std::string head;
        SseFrame{_writer.form.event, answer.eventId}.appendHead(head);
        sendFrame(turn, head, answer.parts);
    }
    _writer.endStream(turn);
}

void Exchange::close(std::uint32_t retryMs)
{
    conclude(
        [&](Turn& turn)
        {
            if (_phase == Phase::FRESH)
            {
                if (!_writer.form.acceptsStream)
                    return sendWhole(turn, 503, {}, {}, "Retry-After: 1\r\n");
                turn.gather();
                beginStream(turn);
            }
            if (_phase != Phase::STREAM)
                return;
            if (retryMs != 0)
                _writer.piece(turn, "retry: " + std::to_string(retryMs) + "\n\n");
            _writer.endStream(turn);
        });
}

bool Exchange::closed() const
{
    return _closed.load(std::memory_order_relaxed) || _connection->output().broken();
}

void Exchange::onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener)
{
    {
        const Turn turn(_connection->output());
        if (!_gone && isOver())
            return;
        if (!_gone)
        {
            _listener = std::move(listener);
            return;
        }
    }
    if (const auto told = listener.lock())
        told->disconnected();
}

void Exchange::lost(std::string_view why)
{
    std::weak_ptr<mcp::DisconnectListener> listener;
    ExchangeSlot::Over self;
    bool over = false;
    {
        Turn turn(_connection->output());
        if (_phase == Phase::DONE)
            return;
        if (!_gone)
            listener = std::move(_listener);
        _gone = true;
        _closed.store(true, std::memory_order_relaxed);
        if (_why == SERVER)
            _why = why;
        // A response that has not begun may still reach a peer that closed only its own side.
        over = _phase == Phase::STREAM || !turn.isOpen();
        if (over)
            self = complete(turn);
    }
    // Whoever hears of it may fail, in a shortage of memory; the connection ends all the same.
    try
    {
        if (const auto told = listener.lock())
            told->disconnected();
        if (over && _record)
            _record->tellOver(_wasStream, _why);
    }
    catch (...) // NOLINT: deadlines and sweepers find what was not told
    {
    }
}

void Exchange::forgotten()
{
    conclude(
        [&](Turn& turn)
        {
            if (_phase == Phase::STREAM)
                return _writer.endStream(turn);
            constexpr std::string_view LOST = R"({"error":"Internal Server Error","message":"the answer was lost"})";
            sendWhole(turn, 500, JSON, std::span(&LOST, 1), {});
        });
}

void Exchange::heartbeat(Turn& turn, std::uint32_t nowMs, std::uint32_t everyMs, std::uint32_t heardMs)
{
    if (_phase != Phase::STREAM || everyMs == 0)
        return;
    // A comment is for proxies, which look at silence; an event is for clients, which may look at the clock; a ping is
    // answered, so that silence means that nobody is there.
    const bool socket = _writer.form.webSocket;
    const bool silent = nowMs - turn.sentMs() >= everyMs || (socket && nowMs - heardMs >= everyMs);
    const bool due = nowMs - _beatMs >= everyMs;
    if (_beatMs == 0)
        _beatMs = nowMs;
    else if (socket ? silent && due : _heartbeat.empty() ? silent : due)
    {
        _beatMs = nowMs;
        _writer.piece(turn, socket ? SOCKET_PING : _heartbeat.empty() ? SSE_PING : _heartbeat);
    }
}

ExchangeSlot::Over Exchange::complete(Turn& turn)
{
    if (turn.gathered())
        turn.sendGathered();
    if (_phase == Phase::STREAM)
        _connection->front().metrics.streams.add(-1);
    _phase = Phase::DONE;
    _closed.store(true, std::memory_order_relaxed);
    _held.reset();
    return _connection->slot().complete(turn, _writer.form.keepAlive);
}

} // namespace tenon::net

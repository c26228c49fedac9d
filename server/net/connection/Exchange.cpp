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
constexpr std::string_view JSON = "application/json";

} // namespace

Exchange::Exchange() = default;
Exchange::~Exchange() = default;

void Exchange::begin(std::shared_ptr<Connection> connection, const ResponseForm& form, std::string headers)
{
    _connection = std::move(connection);
    _response.begin(_connection->front(), form, std::move(headers));
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
    exchange->_response.reset();
    exchange->_gone = false;
    exchange->_listener.reset();
    exchange->_held.reset();
    exchange->_until = FOR_EVER;
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
        mark->gathers = _response.isYoung();
        return (mark->gathers || turn.sendGathered()) && sent;
    }
    catch (...)
    {
        turn.fail(); // there was no memory for all of it, and part of it would pass for all
        return false;
    }
}

template <typename Work>
void Exchange::conclude(Work work, bool packed) noexcept
{
    ExchangeSlot::Over over;
    {
        Turn turn(_connection->output());
        if (_response.phase == Phase::DONE || (_response.phase == Phase::PACKING) != packed)
            return;
        if (packed)
            _response.phase = Phase::FRESH;
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
    if (_response.record)
        _response.record->tellOver(_response.wasStream(), _response.why);
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
        if (!_response.record)
            _response.record = std::make_unique<ExchangeRecord>(*front.access);
        _response.record->becomesStream(request);
    }
    return std::nullopt;
}

void Exchange::ofSession(std::string_view sessionId)
{
    const Turn turn(_connection->output());
    if (_response.record)
        _response.record->ofSession(sessionId);
}

void Exchange::closesBecause(std::string_view why)
{
    const Turn turn(_connection->output());
    _response.why = why;
}

void Exchange::asked(std::string_view method, std::string_view name, std::string_view sessionId)
{
    const Turn turn(_connection->output());
    if (_response.record)
        _response.record->asked(method, name, sessionId);
}

void Exchange::denied(base::Access access, std::string_view name, bool readOnly)
{
    FrontState& front = _connection->front();
    auto lines = std::make_unique<std::string>(
        headerLines(front.admission.challenge(front.settings.mcpPath, access, name, readOnly)));
    const Turn turn(_connection->output());
    _response.setChallenge(std::move(lines));
}

void Exchange::respond(int status, std::string_view contentType, std::span<const std::string_view> body,
                       std::string_view headers)
{
    conclude([&](Turn& turn) { _response.whole(turn, status, contentType, body, headers); });
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

void Exchange::openStream(std::string_view primingId, std::uint32_t retryMs)
{
    guarded([&](Turn& turn) { return _response.open(turn, primingId, retryMs); });
}

bool Exchange::send(std::string_view message, std::string_view eventId)
{
    return sendEvent(form().event, eventId, message);
}

bool Exchange::sendEvent(std::string_view event, std::string_view id, std::string_view data)
{
    return guarded([&](Turn& turn) { return _response.event(turn, event, id, data); });
}

bool Exchange::sendEvents(std::string_view events, std::size_t count)
{
    return guarded([&](Turn& turn) { return _response.events(turn, events, count); });
}

bool Exchange::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    return guarded([&](Turn& turn) { return _response.event(turn, eventId, message); });
}

void Exchange::leaveHttp(std::shared_ptr<ByteTaker> taker, std::string_view headers)
{
    guarded(
        [&](Turn& turn)
        {
            if (_response.phase != Phase::FRESH)
                return false;
            form().webSocket = true;
            _response.addHeaders(headers);
            _connection->leaveHttp(turn, std::move(taker));
            return _response.open(turn);
        });
}

bool Exchange::sendText(std::span<const std::string_view> parts)
{
    return guarded([&](Turn& turn) { return _response.text(turn, parts); });
}

bool Exchange::sendControl(std::string_view frame)
{
    return guarded([&](Turn& turn) { return _response.frame(turn, frame); });
}

void Exchange::closeSocket(std::uint16_t status, std::string_view reason, std::string_view why)
{
    conclude(
        [&](Turn& turn)
        {
            _response.why = why;
            _response.lastFrame(
                turn, base::webSocketFrame(base::WebSocketFrame::CLOSE, base::webSocketClosePayload(status, reason)));
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
    if (form().acceptsGzip && form().acceptsJson && least != 0 && sizeOf(answer.parts) >= least)
    {
        if (sizeOf(answer.parts) < PACKED_ASIDE_BYTES)
            packed = gzip(answer.parts);
        else if (packAside(answer))
            return;
    }
    conclude([&](Turn& turn) { _response.answer(turn, answer, packed); });
}

bool Exchange::packAside(const mcp::Answer& answer) noexcept
{
    {
        const Turn turn(_connection->output());
        if (_response.phase != Phase::FRESH)
            return _response.phase == Phase::DONE;
        _response.phase = Phase::PACKING;
        _closed.store(true, std::memory_order_relaxed);
    }
    try
    {
        if (_connection->front().packer.post(
                answer, [self = shared_from_this()](const mcp::Answer& again, std::string_view packed)
                { self->conclude([&](Turn& turn) { self->_response.answer(turn, again, packed); }, true); }))
            return true;
    }
    catch (const std::bad_alloc&)
    {
        // As it is, then: that takes no more.
    }
    const Turn turn(_connection->output());
    if (_response.phase == Phase::PACKING)
    {
        _response.phase = Phase::FRESH;
        _closed.store(false, std::memory_order_relaxed);
    }
    return false; // as it is, then
}

void Exchange::failed()
{
    const Turn turn(_connection->output());
    if (_response.record)
        _response.record->failed();
}

void Exchange::close(std::uint32_t retryMs)
{
    conclude([&](Turn& turn) { _response.close(turn, retryMs); });
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
        if (_response.phase == Phase::DONE)
            return;
        if (!_gone)
            listener = std::move(_listener);
        _gone = true;
        _closed.store(true, std::memory_order_relaxed);
        if (_response.why == Response::SERVER)
            _response.why = why;
        // A response that has not begun may still reach a peer that closed only its own side.
        over = _response.phase == Phase::STREAM || !turn.isOpen();
        if (over)
            self = complete(turn);
    }
    // Whoever hears of it may fail, in a shortage of memory; the connection ends all the same.
    try
    {
        if (const auto told = listener.lock())
            told->disconnected();
        if (over && _response.record)
            _response.record->tellOver(_response.wasStream(), _response.why);
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
            if (_response.phase == Phase::STREAM)
                return _response.close(turn, 0);
            constexpr std::string_view LOST = R"({"error":"Internal Server Error","message":"the answer was lost"})";
            _response.whole(turn, 500, JSON, std::span(&LOST, 1), {});
        });
}

ExchangeSlot::Over Exchange::complete(Turn& turn)
{
    if (turn.gathered())
        turn.sendGathered();
    if (_response.phase == Phase::STREAM)
        _connection->front().metrics.streams.add(-1);
    _response.phase = Phase::DONE;
    _closed.store(true, std::memory_order_relaxed);
    _held.reset();
    return _connection->slot().complete(turn, form().keepAlive);
}

} // namespace tenon::net

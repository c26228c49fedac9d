#include "net/front/Exchange.h"

#include "base/JsonWriter.h"
#include "net/front/Connection.h"
#include "net/front/ServingThread.h"
#include "net/http/Gzip.h"
#include "net/http/ResponseHead.h"
#include "net/http/SseFrame.h"
#include "net/http/StatusTable.h"

#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace tenon::net
{

namespace
{

constexpr std::size_t MAX_BODY_PARTS = 12;

/// One text a thread, used again for every head.
std::string& headText()
{
    thread_local std::string text;
    return text;
}

std::size_t sizeOf(std::span<const std::string_view> parts)
{
    std::size_t total = 0;
    for (const std::string_view& part : parts)
        total += part.size();
    return total;
}

void appendHex(std::string& out, std::size_t number)
{
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number, 16).ptr);
}

} // namespace

Exchange::Exchange(std::shared_ptr<Connection> connection, const Form& form, std::string headers)
    : _connection(std::move(connection)), _form(form), _headers(std::move(headers))
{
}

Exchange::~Exchange() = default;

std::optional<Exchange::NoRoom> Exchange::takeStream(const guard::Admission& admission)
{
    FrontState& front = _connection->front();
    if (front.metrics.streams.value() >= static_cast<std::int64_t>(front.settings.maxStreams))
    {
        front.metrics.refused("too_many_streams");
        return NoRoom{503, "limits.maxStreams is reached; try again later"};
    }
    if (admission.limits.streams == 0)
        return std::nullopt;
    auto held = front.streams.take(admission.holder, admission.limits.streams);
    if (!held)
    {
        front.metrics.refused("too_many_own_streams");
        return NoRoom{429, "you have as many open streams as you may; close one, or try again later"};
    }
    const std::lock_guard lock(_connection->_mutex);
    _held = std::move(held);
    return std::nullopt;
}

bool Exchange::logs() const
{
    return _connection->front().access != nullptr;
}

void Exchange::asked(std::string_view method, std::string_view name, std::string_view sessionId)
{
    const std::lock_guard lock(_connection->_mutex);
    if (!_access)
        return;
    _access->rpcMethod = method;
    _access->rpcName = name;
    if (!sessionId.empty())
        _access->sessionId = sessionId;
}

void Exchange::denied(base::Access access, std::string_view name, bool readOnly)
{
    FrontState& front = _connection->front();
    auto lines = std::make_unique<std::string>(
        headerLines(front.admission.challenge(front.settings.mcpPath, access, name, readOnly)));
    const std::lock_guard lock(_connection->_mutex);
    _challenge = std::move(lines);
}

void Exchange::respond(int status, std::string_view contentType, std::span<const std::string_view> body,
                       std::string_view headers)
{
    std::shared_ptr<Exchange> self;
    {
        const std::lock_guard lock(_connection->_mutex);
        if (_phase != Phase::FRESH)
            return;
        sendWhole(status, contentType, body, headers);
        self = complete();
    }
    resume();
}

void Exchange::refuse(int status, std::string_view message, std::string_view headers)
{
    std::string body;
    std::string_view title = statusLine(status);
    title.remove_prefix(std::min<std::size_t>(4, title.size()));
    base::JsonWriter(body).beginObject().member("error", title).member("message", message).endObject();
    const std::string_view part = body;
    respond(status, "application/json", std::span(&part, 1), headers);
}

void Exchange::sendWhole(int status, std::string_view contentType, std::span<const std::string_view> body,
                         std::string_view headers)
{
    if (_access)
    {
        _access->status = status;
        _access->bytes = _form.headOnly ? 0 : sizeOf(body);
    }
    std::string& text = headText();
    ResponseHead head(text, status);
    if (!contentType.empty())
        head.field("Content-Type", contentType);
    if (status != 204 && status >= 200)
        head.contentLength(sizeOf(body));
    head.lines(_headers).lines(headers).end(_form.keepAlive, _form.minorVersion);
    if (body.empty() || _form.headOnly)
    {
        const std::string_view part = text;
        _connection->transmit(std::span(&part, 1));
        return;
    }
    if (body.size() <= MAX_BODY_PARTS)
    {
        std::array<std::string_view, MAX_BODY_PARTS + 1> parts;
        parts[0] = text;
        std::copy(body.begin(), body.end(), parts.begin() + 1);
        _connection->transmit({parts.data(), body.size() + 1});
        return;
    }
    std::vector<std::string_view> parts;
    parts.reserve(body.size() + 1);
    parts.push_back(text);
    parts.insert(parts.end(), body.begin(), body.end());
    _connection->transmit(parts);
}

bool Exchange::beginStream()
{
    if (_phase == Phase::STREAM)
        return true;
    if (_phase == Phase::DONE)
        return false;
    std::string& text = headText();
    ResponseHead head(text, 200);
    head.field("Content-Type", "text/event-stream").field("Cache-Control", "no-cache").field("X-Accel-Buffering", "no");
    if (_form.minorVersion == 0)
        _form.keepAlive = false;
    else
        head.field("Transfer-Encoding", "chunked");
    head.lines(_headers).end(_form.keepAlive, _form.minorVersion);
    const std::string_view part = text;
    if (!_connection->transmit(std::span(&part, 1)))
        return false;
    _phase = Phase::STREAM;
    if (_access)
        _access->status = 200;
    _connection->_streaming = true;
    _connection->front().metrics.streams.add();
    return true;
}

bool Exchange::hasRoom(std::size_t bytes)
{
    const std::size_t waiting = _connection->_out ? _connection->_out->bytes() : 0;
    if (waiting == 0 || waiting + bytes <= _connection->front().settings.streamQueueBytes)
        return true;
    _connection->front().metrics.slowReaders.add();
    _connection->fail();
    return false;
}

bool Exchange::sendFrame(std::string_view head, std::span<const std::string_view> data)
{
    const std::size_t bytes = head.size() + sizeOf(data) + SSE_END.size();
    std::array<std::string_view, MAX_BODY_PARTS + 4> parts;
    std::size_t count = 0;
    std::string size;
    if (_form.minorVersion == 1)
    {
        appendHex(size, bytes);
        size.append("\r\n");
        parts[count++] = size;
    }
    parts[count++] = head;
    std::string joined;
    if (data.size() <= MAX_BODY_PARTS)
        for (const std::string_view& part : data)
            parts[count++] = part;
    else
    {
        for (const std::string_view& part : data)
            joined.append(part);
        parts[count++] = joined;
    }
    parts[count++] = _form.minorVersion == 1 ? std::string_view("\n\n\r\n") : SSE_END;
    _connection->front().metrics.eventsSent.add();
    if (_access)
        _access->bytes += bytes;
    return _connection->transmit({parts.data(), count});
}

void Exchange::openStream(std::string_view primingId, std::uint32_t retryMs)
{
    const std::lock_guard lock(_connection->_mutex);
    const bool fresh = _phase == Phase::FRESH;
    if (!beginStream() || !fresh || primingId.empty())
        return;
    std::string head;
    SseFrame{_form.event, primingId, retryMs}.appendHead(head);
    sendFrame(head, {});
}

bool Exchange::send(std::string_view message, std::string_view eventId)
{
    return sendEvent(_form.event, eventId, message);
}

bool Exchange::sendEvent(std::string_view event, std::string_view id, std::string_view data)
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
    const std::lock_guard lock(_connection->_mutex);
    return beginStream() && hasRoom(head.size() + data.size()) && sendFrame(head, parts);
}

bool Exchange::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    std::string head;
    SseFrame{_form.event, eventId}.appendHead(head);
    const std::lock_guard lock(_connection->_mutex);
    if (!beginStream() || !hasRoom(head.size() + message->size()))
        return false;
    _connection->front().metrics.eventsSent.add();
    if (_form.minorVersion == 0)
        return _connection->share(head, message, SSE_END);
    std::string before;
    appendHex(before, head.size() + message->size() + SSE_END.size());
    before.append("\r\n").append(head);
    return _connection->share(before, message, "\n\n\r\n");
}

void Exchange::finish(const mcp::Answer& answer)
{
    // Compressing takes long: not under the mutex, and only what can be nothing but a JSON body.
    std::string packed;
    if (_form.acceptsGzip && _form.acceptsJson && !answer.parts.empty())
    {
        const std::size_t least = _connection->front().settings.gzipMinBytes;
        if (least != 0 && sizeOf(answer.parts) >= least)
            packed = gzip(answer.parts);
    }
    std::shared_ptr<Exchange> self;
    {
        const std::lock_guard lock(_connection->_mutex);
        if (_phase == Phase::DONE)
            return;
        finishLocked(answer, packed);
        self = complete();
    }
    resume();
}

void Exchange::finishLocked(const mcp::Answer& answer, std::string_view packed)
{
    using Kind = jsonrpc::ErrorKind;
    FrontMetrics& metrics = _connection->front().metrics;
    if (answer.error == Kind::LIMIT || answer.error == Kind::QUOTA || answer.error == Kind::FORBIDDEN)
        metrics.refused(answer.error == Kind::LIMIT   ? "limit"
                        : answer.error == Kind::QUOTA ? "own_limit"
                                                      : "insufficient_scope");
    if (_began != std::chrono::steady_clock::time_point() && !answer.parts.empty())
    {
        const auto took = std::chrono::steady_clock::now() - _began;
        metrics.durations.observeUs(
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
    }
    std::string extra;
    if (!answer.sessionId.empty())
        extra.append("Mcp-Session-Id: ").append(answer.sessionId).append("\r\n");
    const bool failed = answer.error != Kind::NONE;
    const int status = httpStatusOf(answer.error, answer.modern);
    if (_phase == Phase::FRESH && answer.parts.empty())
        return sendWhole(failed ? status : _form.emptyStatus, {}, {}, extra);
    if (_phase == Phase::FRESH && (_form.acceptsJson || failed || !extra.empty()))
    {
        if (answer.error == Kind::LIMIT || answer.error == Kind::QUOTA)
            extra.append("Retry-After: 1\r\n");
        if (answer.error == Kind::FORBIDDEN && _challenge)
            extra.append(*_challenge);
        if (packed.empty())
            return sendWhole(status, "application/json", answer.parts, extra);
        extra.append("Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
        return sendWhole(status, "application/json", std::span(&packed, 1), extra);
    }
    if (!beginStream())
        return;
    if (!answer.parts.empty())
    {
        std::string head;
        SseFrame{_form.event, answer.eventId}.appendHead(head);
        sendFrame(head, answer.parts);
    }
    endStream();
}

void Exchange::close(std::uint32_t retryMs)
{
    std::shared_ptr<Exchange> self;
    {
        const std::lock_guard lock(_connection->_mutex);
        if (_phase == Phase::DONE)
            return;
        if (_phase == Phase::FRESH)
        {
            if (_form.acceptsStream)
                beginStream();
            else
                sendWhole(503, {}, {}, "Retry-After: 1\r\n");
        }
        if (_phase == Phase::STREAM)
        {
            if (retryMs != 0)
            {
                std::string text = "retry: " + std::to_string(retryMs) + "\n\n";
                std::string size;
                appendHex(size, text.size());
                size.append("\r\n");
                const std::array<std::string_view, 3> parts{size, text, "\r\n"};
                _connection->transmit(_form.minorVersion == 1 ? std::span(parts) : std::span(parts).subspan(1, 1));
            }
            endStream();
        }
        self = complete();
    }
    resume();
}

void Exchange::endStream()
{
    if (_phase != Phase::STREAM)
        return;
    if (_form.minorVersion == 1)
    {
        const std::string_view last = "0\r\n\r\n";
        _connection->transmit(std::span(&last, 1));
    }
}

bool Exchange::closed() const
{
    const std::lock_guard lock(_connection->_mutex);
    return _phase == Phase::DONE || _gone || _connection->_failed || !_connection->_open;
}

void Exchange::onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener)
{
    {
        const std::lock_guard lock(_connection->_mutex);
        if (_phase == Phase::DONE && !_gone)
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

void Exchange::lost()
{
    std::weak_ptr<mcp::DisconnectListener> listener;
    std::shared_ptr<Exchange> self;
    {
        const std::lock_guard lock(_connection->_mutex);
        if (_phase == Phase::DONE)
            return;
        if (!_gone)
            listener = std::move(_listener);
        _gone = true;
        // A response that has not begun may still reach a peer that closed only its own side.
        if (_phase == Phase::STREAM || !_connection->_open)
            self = complete();
    }
    if (const auto told = listener.lock())
        told->disconnected();
    if (self)
        report();
}

void Exchange::heartbeat()
{
    if (_phase != Phase::STREAM)
        return;
    const std::string_view text = _heartbeat.empty() ? SSE_PING : _heartbeat;
    std::string size;
    appendHex(size, text.size());
    size.append("\r\n");
    const std::array<std::string_view, 3> parts{size, text, "\r\n"};
    _connection->transmit(_form.minorVersion == 1 ? std::span(parts) : std::span(parts).subspan(1, 1));
}

std::shared_ptr<Exchange> Exchange::complete()
{
    if (_phase == Phase::STREAM)
    {
        _connection->_streaming = false;
        _connection->front().metrics.streams.add(-1);
    }
    _phase = Phase::DONE;
    _held.reset();
    if (!_form.keepAlive)
        _connection->_closing = true;
    _connection->front().busy.fetch_sub(1, std::memory_order_relaxed);
    std::shared_ptr<Exchange> self = std::move(_connection->_exchange);
    _connection->_exchange.reset();
    _connection->_busy.store(false);
    return self;
}

void Exchange::report()
{
    if (!_access)
        return;
    _access->durationUs = _access->began.elapsed();
    _connection->front().access->answered(*_access);
    _access.reset();
}

void Exchange::resume()
{
    report();
    // The thread that serves the connection goes on by itself.
    if (servingThread().connection == _connection.get())
        return;
    if (_connection->_resumeWanted.exchange(false) || !_form.keepAlive)
        _connection->front().scheduler->kick(_connection->ref(), RESUME);
}

} // namespace tenon::net

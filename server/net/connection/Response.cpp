#include "net/connection/Response.h"

#include "base/threads/SteadyClock.h"
#include "net/connection/FrontState.h"
#include "net/http/SseFrame.h"
#include "net/http/StatusTable.h"

namespace tenon::net
{

namespace
{

constexpr std::int64_t GATHERED_US = 200; // a call that takes longer shows each event as it comes
constexpr std::string_view JSON = "application/json";
constexpr std::string_view SOCKET_PING("\x89\x00", 2); // a frame without payload

} // namespace

void Response::whole(Turn& turn, int status, std::string_view contentType, std::span<const std::string_view> body,
                     std::string_view headers)
{
    if (phase != Phase::FRESH)
        return;
    if (record)
        record->answered(status, form().headOnly ? 0 : sizeOf(body));
    _writer.whole(turn, status, contentType, body, headers);
}

void Response::answer(Turn& turn, const mcp::Answer& answer, std::string_view packed)
{
    using Kind = jsonrpc::ErrorKind;
    if (answer.error == Kind::LIMIT || answer.error == Kind::QUOTA || answer.error == Kind::FORBIDDEN)
        _front->metrics.refused(answer.error == Kind::LIMIT   ? "limit"
                                : answer.error == Kind::QUOTA ? "own_limit"
                                                              : "insufficient_scope");
    if (record && (answer.error != Kind::NONE || answer.toolFailed))
        record->failed();
    if (beganUs != 0 && !answer.parts.empty())
        _front->metrics.durations.observeUs(
            static_cast<std::uint64_t>((answer.readyUs != 0 ? answer.readyUs : base::steadyUs()) - beganUs));
    const bool failed = answer.error != Kind::NONE, empty = answer.parts.empty();
    if (phase == Phase::FRESH && (empty || failed || form().acceptsJson || !answer.sessionId.empty()))
    {
        const int status = failed ? httpStatusOf(answer.error, answer.modern) : empty ? form().emptyStatus : 200;
        std::string extra;
        if (!answer.sessionId.empty())
            extra.append("Mcp-Session-Id: ").append(answer.sessionId).append("\r\n");
        if (!empty && (answer.error == Kind::LIMIT || answer.error == Kind::QUOTA))
            extra.append(RETRY_SOON);
        if (!empty && answer.error == Kind::FORBIDDEN && _challenge)
            extra.append(*_challenge);
        if (!packed.empty())
            extra.append("Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
        const auto body = packed.empty() ? answer.parts : std::span(&packed, 1);
        return whole(turn, status, empty ? std::string_view() : JSON, body, extra);
    }
    turn.gather(); // the head, the event and the end leave together, and what was gathered before
    if (!open(turn))
        return;
    if (!empty)
    {
        std::string head;
        SseFrame{form().event, answer.eventId}.appendHead(head);
        send(turn, head, answer.parts);
    }
    _writer.endStream(turn);
}

bool Response::open(Turn& turn)
{
    if (phase != Phase::FRESH)
        return phase == Phase::STREAM;
    if (!_writer.openStream(turn))
        return false;
    phase = Phase::STREAM;
    _wasStream = true;
    _front->metrics.streams.add();
    if (record)
    {
        record->answered(form().webSocket ? 101 : 200, 0);
        record->tellOpened();
    }
    return true;
}

bool Response::open(Turn& turn, std::string_view primingId, std::uint32_t retryMs)
{
    const bool fresh = phase == Phase::FRESH;
    if (!open(turn) || !fresh || primingId.empty())
        return false;
    std::string head;
    SseFrame{form().event, primingId, retryMs}.appendHead(head);
    return send(turn, head, {});
}

bool Response::isYoung() const
{
    return beganUs == 0 || base::steadyUs() - beganUs < GATHERED_US;
}

bool Response::hasRoom(Turn& turn, std::size_t bytes)
{
    const std::size_t waiting = turn.waiting();
    if (waiting == 0 || waiting + bytes <= _front->settings.streamQueueBytes)
        return true;
    _front->metrics.slowReaders.add();
    why = SLOW_READER;
    turn.fail();
    return false;
}

bool Response::send(Turn& turn, std::string_view head, std::span<const std::string_view> data)
{
    _front->metrics.eventsSent.add();
    if (record)
        record->events(1, head.size() + sizeOf(data) + SSE_END.size());
    return _writer.event(turn, head, data);
}

bool Response::event(Turn& turn, std::string_view name, std::string_view id, std::string_view data)
{
    std::string head;
    std::span<const std::string_view> parts(&data, 1);
    if (data.find_first_of("\r\n") == std::string_view::npos)
        SseFrame{name, id}.appendHead(head);
    else
    {
        SseFrame{name, id}.append(head, data);
        head.resize(head.size() - SSE_END.size());
        parts = {};
    }
    return open(turn) && hasRoom(turn, head.size() + sizeOf(parts)) && send(turn, head, parts);
}

bool Response::events(Turn& turn, std::string_view finished, std::size_t count)
{
    if (!open(turn) || !hasRoom(turn, finished.size()))
        return false;
    _front->metrics.eventsSent.add(count);
    if (record)
        record->events(count, finished.size());
    _writer.piece(turn, finished);
    return turn.usable();
}

bool Response::event(Turn& turn, std::string_view id, const std::shared_ptr<const std::string>& data)
{
    std::string head;
    SseFrame{form().event, id}.appendHead(head);
    const std::size_t bytes = head.size() + data->size() + SSE_END.size();
    if (!open(turn) || !hasRoom(turn, bytes))
        return false;
    _front->metrics.eventsSent.add();
    if (record)
        record->events(1, bytes);
    return _writer.sharedEvent(turn, head, data);
}

bool Response::text(Turn& turn, std::span<const std::string_view> parts)
{
    return phase == Phase::STREAM && hasRoom(turn, sizeOf(parts)) && send(turn, {}, parts);
}

bool Response::frame(Turn& turn, std::string_view finished)
{
    if (phase != Phase::STREAM || !hasRoom(turn, finished.size()))
        return false;
    _writer.piece(turn, finished);
    return turn.usable();
}

void Response::lastFrame(Turn& turn, std::string_view finished)
{
    if (phase == Phase::STREAM)
        _writer.piece(turn, finished);
}

void Response::close(Turn& turn, std::uint32_t retryMs)
{
    if (phase == Phase::FRESH)
    {
        if (!form().acceptsStream)
            return whole(turn, 503, {}, {}, RETRY_SOON);
        turn.gather();
        open(turn);
    }
    if (phase != Phase::STREAM)
        return;
    if (retryMs != 0)
        _writer.piece(turn, "retry: " + std::to_string(retryMs) + "\n\n");
    _writer.endStream(turn);
}

void Response::heartbeat(Turn& turn, std::uint32_t nowMs, std::uint32_t everyMs, std::uint32_t heardMs)
{
    if (phase != Phase::STREAM || everyMs == 0)
        return;
    // A comment is for proxies, which look at silence; an event is for clients, which may look at the clock; a ping is
    // answered, so that silence means that nobody is there.
    const bool socket = form().webSocket;
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

} // namespace tenon::net

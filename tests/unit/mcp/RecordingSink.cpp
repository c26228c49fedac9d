#include "unit/mcp/RecordingSink.h"

namespace tenon::tests
{

namespace
{
constexpr auto PATIENCE = std::chrono::seconds(10);
} // namespace

bool RecordingSink::finished() const
{
    std::lock_guard lock(_mutex);
    return _finished;
}

bool RecordingSink::ended() const
{
    std::lock_guard lock(_mutex);
    return _finished || _closed;
}

std::string RecordingSink::answer() const
{
    std::lock_guard lock(_mutex);
    return _answer;
}

jsonrpc::ErrorKind RecordingSink::error() const
{
    std::lock_guard lock(_mutex);
    return _error;
}

bool RecordingSink::modern() const
{
    std::lock_guard lock(_mutex);
    return _modern;
}

std::string RecordingSink::sessionId() const
{
    std::lock_guard lock(_mutex);
    return _sessionId;
}

std::string RecordingSink::finalEventId() const
{
    std::lock_guard lock(_mutex);
    return _finalEventId;
}

std::vector<RecordingSink::Event> RecordingSink::events() const
{
    std::lock_guard lock(_mutex);
    return _events;
}

bool RecordingSink::opened() const
{
    std::lock_guard lock(_mutex);
    return _opened;
}

std::string RecordingSink::primingId() const
{
    std::lock_guard lock(_mutex);
    return _primingId;
}

std::uint32_t RecordingSink::retryMs() const
{
    std::lock_guard lock(_mutex);
    return _retryMs;
}

std::size_t RecordingSink::answers() const
{
    std::lock_guard lock(_mutex);
    return _answers;
}

bool RecordingSink::waitForEnd() const
{
    std::unique_lock lock(_mutex);
    return _changed.wait_for(lock, PATIENCE, [this] { return _finished || _closed; });
}

bool RecordingSink::waitForEvents(std::size_t count) const
{
    std::unique_lock lock(_mutex);
    return _changed.wait_for(lock, PATIENCE, [&] { return _events.size() >= count; });
}

void RecordingSink::disconnect()
{
    std::shared_ptr<mcp::DisconnectListener> listener;
    {
        std::lock_guard lock(_mutex);
        if (over())
            return;
        _gone = true;
        listener = _listener.lock();
    }
    if (listener)
        listener->disconnected();
}

void RecordingSink::openStream(std::string_view primingId, std::uint32_t retryMs)
{
    std::lock_guard lock(_mutex);
    if (over() || _opened)
        return;
    _opened = true;
    _primingId = primingId;
    if (!primingId.empty())
        _retryMs = retryMs;
    _changed.notify_all();
}

bool RecordingSink::send(std::string_view message, std::string_view eventId)
{
    std::lock_guard lock(_mutex);
    if (over())
        return false;
    _opened = true;
    _events.push_back({std::string(eventId), std::string(message)});
    _changed.notify_all();
    return true;
}

void RecordingSink::finish(const mcp::Answer& answer)
{
    std::lock_guard lock(_mutex);
    if (over())
        return;
    _finished = true;
    ++_answers;
    for (const auto part : answer.parts)
        _answer += part;
    _error = answer.error;
    _modern = answer.modern;
    _sessionId = answer.sessionId;
    _finalEventId = answer.eventId;
    _changed.notify_all();
}

void RecordingSink::close(std::uint32_t retryMs)
{
    std::lock_guard lock(_mutex);
    if (over())
        return;
    _closed = true;
    if (retryMs)
        _retryMs = retryMs;
    _changed.notify_all();
}

bool RecordingSink::closed() const
{
    std::lock_guard lock(_mutex);
    return over();
}

void RecordingSink::onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener)
{
    {
        std::lock_guard lock(_mutex);
        if (!_gone)
        {
            if (!_finished && !_closed)
                _listener = std::move(listener);
            return;
        }
    }
    if (const auto told = listener.lock())
        told->disconnected();
}

} // namespace tenon::tests

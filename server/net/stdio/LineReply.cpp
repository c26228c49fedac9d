#include "net/stdio/LineReply.h"

#include "net/connection/FrontState.h"

#include <new>
#include <utility>

namespace tenon::net
{

/// With `_mutex` held, or by the only owner.
void LineReply::settle()
{
    if (std::exchange(_awaited, false))
        _writer->answered();
}

void LineReply::openStream(std::string_view primingId, std::uint32_t)
{
    // Who listens gets its answer when it ends, and no client that has closed the input waits for that.
    const std::lock_guard lock(_mutex);
    if (primingId.empty())
        settle();
}

bool LineReply::send(std::string_view message, std::string_view eventId)
{
    const std::lock_guard lock(_mutex);
    return !_done && _writer->send(message, eventId);
}

bool LineReply::send(const std::shared_ptr<const std::string>& message, std::string_view eventId)
{
    const std::lock_guard lock(_mutex);
    return !_done && _writer->send(message, eventId);
}

void LineReply::finish(const mcp::Answer& answer)
{
    const std::lock_guard lock(_mutex);
    if (std::exchange(_done, true))
        return;
    if (!answer.parts.empty())
        observeSince(_durations, _began);
    try
    {
        _writer->finish(answer);
    }
    catch (const std::bad_alloc&)
    {
        _writer->lose(); // an answer that there is no memory for: the client would wait for ever
    }
    settle();
}

void LineReply::close(std::uint32_t)
{
    const std::lock_guard lock(_mutex);
    _done = true;
    settle();
}

bool LineReply::closed() const
{
    const std::lock_guard lock(_mutex);
    return _done || _writer->closed();
}

void LineReply::onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener)
{
    _writer->onDisconnect(std::move(listener));
}

} // namespace tenon::net

#include "Connection.h"

#include "Call.h"

namespace tenon::attach
{

void Connection::send(plugin::FrameType type, std::uint64_t id, std::string_view body)
{
    channel.send(type, id, body);
    if (!channel.keepsSomething())
        return;
    const std::lock_guard lock(_mutex);
    if (!_abandoned) // who listens may have gone
        _keptSomething();
}

void Connection::add(std::uint64_t id, Call& call)
{
    const std::lock_guard lock(_mutex);
    _calls[id] = &call;
    if (_abandoned)
        call.cancel();
}

void Connection::remove(std::uint64_t id)
{
    const std::lock_guard lock(_mutex);
    _calls.erase(id);
}

void Connection::cancel(std::uint64_t id)
{
    const std::lock_guard lock(_mutex);
    if (const auto call = _calls.find(id); call != _calls.end())
        call->second->cancel();
}

void Connection::answer(std::uint64_t id, tenon_status status, std::string_view text)
{
    const std::lock_guard lock(_mutex);
    if (const auto call = _calls.find(id); call != _calls.end())
        call->second->answered(status, text);
}

void Connection::abandon()
{
    // First, so that the server ends the calls with what it has to say, and not with what they make of being cancelled.
    channel.shutDown();
    const std::lock_guard lock(_mutex);
    _abandoned = true;
    for (const auto& [id, call] : _calls)
    {
        call->cancel();
        call->answered(TENON_ERROR_CANCELLED, {});
    }
}

} // namespace tenon::attach

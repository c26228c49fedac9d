#include "client/protocol/Health.h"

namespace tenon::client
{

const char* nameOf(Health::State state) noexcept
{
    switch (state)
    {
    case Health::State::CONNECTING:
        return "connecting";
    case Health::State::READY:
        return "ready";
    case Health::State::DEGRADED:
        return "degraded";
    case Health::State::GONE:
        return "gone";
    }
    return "gone";
}

void HealthTracker::change(Health::State state, const std::string& reason)
{
    if (_health.state != state)
        _health.since = std::chrono::system_clock::now();
    _health.state = state;
    _health.reason = reason;
}

void HealthTracker::connecting()
{
    const std::lock_guard lock(_mutex);
    change(Health::State::CONNECTING, _health.reason);
}

void HealthTracker::ready()
{
    const std::lock_guard lock(_mutex);
    change(Health::State::READY, "");
}

void HealthTracker::answered()
{
    const std::lock_guard lock(_mutex);
    if (_health.state == Health::State::DEGRADED)
        change(Health::State::READY, "");
}

void HealthTracker::failed(const std::string& reason)
{
    const std::lock_guard lock(_mutex);
    if (_health.state == Health::State::READY || _health.state == Health::State::DEGRADED)
        change(Health::State::DEGRADED, reason);
}

void HealthTracker::gone(const std::string& reason)
{
    const std::lock_guard lock(_mutex);
    change(Health::State::GONE, reason);
}

Health HealthTracker::health() const
{
    const std::lock_guard lock(_mutex);
    return _health;
}

} // namespace tenon::client

#include "mcp/cluster/Membership.h"

#include "base/threads/SteadyClock.h"

#include <algorithm>

namespace tenon::mcp
{

namespace
{

/// How long one that is gone may still come back: it was stopped, or cut off.
constexpr std::int64_t LATELY_MS = 60'000;

} // namespace

void Membership::start()
{
    std::lock_guard lock(_mutex);
    _startedAt = base::steadyMs();
}

Membership::Change Membership::update(const std::vector<store::Member>& members)
{
    Change change;
    for (const auto& member : members)
        change.there.insert(member.tag);
    const auto now = base::steadyMs();
    std::lock_guard lock(_mutex);
    change.first = _members.empty() && !members.empty();
    change.fewer = !std::includes(change.there.begin(), change.there.end(), _alive.begin(), _alive.end());
    _members = members;
    _alive = change.there;
    for (const auto& tag : change.there)
        _lastAlive.insert_or_assign(tag, now);
    std::erase_if(_lastAlive, [now](const auto& entry) { return now - entry.second > LATELY_MS; });
    std::erase_if(_strange, [&change](const auto& tag) { return change.there.count(tag) == 0; });
    return change;
}

void Membership::arrived(const std::string& tag)
{
    std::lock_guard lock(_mutex);
    _alive.insert(tag);
    _lastAlive.insert_or_assign(tag, base::steadyMs());
}

bool Membership::isStrange(const std::string& tag)
{
    std::lock_guard lock(_mutex);
    return _alive.count(tag) != 0 && _strange.insert(tag).second;
}

bool Membership::alive(std::string_view tag) const
{
    std::lock_guard lock(_mutex);
    return _alive.find(tag) != _alive.end();
}

bool Membership::mayBeAlive(std::string_view tag) const
{
    std::lock_guard lock(_mutex);
    return _lastAlive.find(tag) != _lastAlive.end() || base::steadyMs() - _startedAt < LATELY_MS;
}

Membership::Tags Membership::there() const
{
    std::lock_guard lock(_mutex);
    return _alive;
}

std::vector<std::string> Membership::others() const
{
    std::vector<std::string> others;
    std::lock_guard lock(_mutex);
    std::copy_if(_alive.begin(), _alive.end(), std::back_inserter(others),
                 [this](const std::string& tag) { return tag != _own; });
    return others;
}

std::vector<std::string> Membership::othersOfLate() const
{
    std::vector<std::string> others;
    std::lock_guard lock(_mutex);
    for (const auto& [tag, last] : _lastAlive)
        if (tag != _own)
            others.push_back(tag);
    return others;
}

std::vector<store::Member> Membership::members() const
{
    std::lock_guard lock(_mutex);
    return _members;
}

} // namespace tenon::mcp

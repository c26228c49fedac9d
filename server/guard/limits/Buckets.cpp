#include "guard/limits/Buckets.h"

#include <algorithm>
#include <cmath>

namespace tenon::guard
{

namespace
{

constexpr std::uint32_t FREE_FAILURES = 4;
constexpr std::int64_t FIRST_WAIT_MS = 1'000;
constexpr std::int64_t LONGEST_WAIT_MS = 60'000;
constexpr std::int64_t ROW_ENDS_MS = 15 * 60'000;
constexpr double MINUTE_MS = 60'000;

} // namespace

Buckets::Buckets(std::size_t places) : _sets(std::max<std::size_t>(1, places / WAYS)), _places(_sets * WAYS) {}

std::mutex& Buckets::lockOf(std::uint64_t key) const
{
    return _locks[(key % _sets) % LOCKS];
}

const Buckets::Place* Buckets::find(std::uint64_t key) const
{
    const Place* set = &_places[(key % _sets) * WAYS];
    for (std::size_t way = 0; way < WAYS; ++way)
        if (set[way].key == key)
            return &set[way];
    return nullptr;
}

Buckets::Place& Buckets::claim(std::uint64_t key, std::uint32_t perMinute, std::int64_t nowMs)
{
    // The common case looks at nobody else's bucket.
    if (Place* known = const_cast<Place*>(find(key)))
    {
        refill(*known, nowMs);
        known->perMs = perMinute / MINUTE_MS;
        return *known;
    }
    Place* set = &_places[(key % _sets) * WAYS];
    Place* least = nullptr;
    for (std::size_t way = 0; way < WAYS; ++way)
    {
        Place& place = set[way];
        refill(place, nowMs);
        const bool blocked = place.blockedUntil > nowMs, leastBlocked = least && least->blockedUntil > nowMs;
        if (!least || (blocked == leastBlocked ? place.missing < least->missing : !blocked))
            least = &place;
    }
    *least = {key, 0, perMinute / MINUTE_MS, nowMs, 0, 0, 0};
    return *least;
}

void Buckets::refill(Place& place, std::int64_t nowMs)
{
    const auto passed = static_cast<double>(std::max<std::int64_t>(0, nowMs - place.at));
    place.missing = std::max(0.0, place.missing - passed * place.perMs);
    place.at = nowMs;
}

Buckets::State Buckets::stateOf(const Place& place, std::uint32_t perMinute, std::int64_t nowMs)
{
    State state;
    state.limit = perMinute;
    const double left = std::max(0.0, perMinute - place.missing);
    state.remaining = static_cast<std::uint32_t>(left);
    if (place.perMs > 0)
    {
        state.resetMs = static_cast<std::int64_t>(std::ceil(place.missing / place.perMs));
        if (left < 1)
            state.retryAfterMs = static_cast<std::int64_t>(std::ceil((1 - left) / place.perMs));
    }
    state.retryAfterMs = std::max(state.retryAfterMs, place.blockedUntil - nowMs);
    state.allowed = state.retryAfterMs <= 0;
    state.retryAfterMs = std::max<std::int64_t>(0, state.retryAfterMs);
    return state;
}

Buckets::State Buckets::take(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs)
{
    const std::uint64_t hash = _hash(key);
    const std::lock_guard lock(lockOf(hash));
    Place& place = claim(hash, perMinute, nowMs);
    if (place.blockedUntil > nowMs || place.missing > perMinute - 1.0)
        return stateOf(place, perMinute, nowMs);
    place.missing += 1;
    State state = stateOf(place, perMinute, nowMs);
    state.allowed = true; // the last token is one
    state.retryAfterMs = 0;
    return state;
}

Buckets::State Buckets::look(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs) const
{
    const std::uint64_t hash = _hash(key);
    const std::lock_guard lock(lockOf(hash));
    const Place* found = find(hash);
    Place place = found ? *found : Place{};
    refill(place, nowMs);
    place.perMs = perMinute / MINUTE_MS;
    return stateOf(place, perMinute, nowMs);
}

void Buckets::fail(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs)
{
    const std::uint64_t hash = _hash(key);
    const std::lock_guard lock(lockOf(hash));
    Place& place = claim(hash, perMinute, nowMs);
    place.missing = std::min<double>(perMinute, place.missing + 1);
    if (nowMs - place.failedAt > ROW_ENDS_MS)
        place.failures = 0;
    place.failedAt = nowMs;
    if (++place.failures > FREE_FAILURES)
    {
        const std::uint32_t doublings = std::min<std::uint32_t>(place.failures - FREE_FAILURES - 1, 16);
        place.blockedUntil = nowMs + std::min(FIRST_WAIT_MS << doublings, LONGEST_WAIT_MS);
    }
}

void Buckets::learn(std::string_view key, std::uint32_t perMinute, double left, std::int64_t nowMs)
{
    const std::uint64_t hash = _hash(key);
    const std::lock_guard lock(lockOf(hash));
    Place& place = claim(hash, perMinute, nowMs);
    place.missing = std::clamp<double>(perMinute - left, place.missing, std::max<double>(perMinute, place.missing));
}

void Buckets::succeed(std::string_view key)
{
    const std::uint64_t hash = _hash(key);
    const std::lock_guard lock(lockOf(hash));
    if (Place* place = const_cast<Place*>(find(hash)))
    {
        place->failures = 0;
        place->blockedUntil = 0;
    }
}

} // namespace tenon::guard

#include "guard/limits/SharedRates.h"

#include "guard/limits/KeyHash.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <utility>
#include <vector>

namespace tenon::guard
{

namespace
{

constexpr double MINUTE_MS = 60'000;
constexpr std::int64_t LAPSE_MS = 60'000; // by then the bucket would hold them anyway
constexpr std::int64_t SLOW_MS = 250;     // a store that takes longer is not waited for
constexpr std::int64_t ASK_AT_MOST =
    10; // milliseconds between two questions for one key, while there is nothing to have
constexpr std::int64_t ASK_AT_LEAST = 1000;
constexpr std::uint32_t BLOCKS =
    20; // of all instances together in a minute's worth: what they hoard is a small part of it

} // namespace

/// What this instance knows of one bucket.
struct SharedRates::Place
{
    std::uint64_t hash = 0; ///< 0: free
    std::uint32_t perMinute = 1;
    std::uint32_t tokens = 0; ///< drawn, and not used yet
    std::uint32_t owed = 0;   ///< used on credit, and not known to the bucket yet
    bool heard = false;
    double left = 0; ///< what the bucket held at `heardAt`
    std::int64_t heardAt = 0;
    std::int64_t usedAt = 0;
    std::int64_t askedAt = -1; ///< of a question without an answer yet; -1: there is none
    std::int64_t askFrom = 0;  ///< before that there is nothing to have
    std::int64_t failedAt = -SLOW_MS;

    [[nodiscard]] double perMs() const { return perMinute / MINUTE_MS; }

    /// What the bucket holds now if others leave it alone.
    [[nodiscard]] double leftAt(std::int64_t nowMs) const
    {
        if (!heard)
            return perMinute;
        return std::min<double>(perMinute,
                                left + static_cast<double>(std::max<std::int64_t>(0, nowMs - heardAt)) * perMs());
    }

    [[nodiscard]] bool silent(std::int64_t nowMs) const
    {
        return nowMs - failedAt < SLOW_MS || (askedAt >= 0 && nowMs - askedAt > SLOW_MS);
    }

    /// What may be used now beyond `tokens`: this instance's part; one in any case, or who waited until there is a token would
    /// be refused once more.
    [[nodiscard]] std::uint32_t creditAt(std::int64_t nowMs, std::uint32_t instances) const
    {
        const double there = leftAt(nowMs);
        const auto part = there < 1 ? 0 : std::max(1U, static_cast<std::uint32_t>(there / instances));
        return part > owed ? part - owed : 0;
    }

    [[nodiscard]] Buckets::State stateAt(std::int64_t nowMs, bool allowed) const
    {
        Buckets::State state;
        state.limit = perMinute;
        const double there = leftAt(nowMs) - owed;
        const double remaining = std::clamp(std::floor(std::max(0.0, there)) + tokens, 0.0, double(perMinute));
        state.remaining = static_cast<std::uint32_t>(remaining);
        state.resetMs = static_cast<std::int64_t>(std::ceil((perMinute - remaining) / perMs()));
        state.allowed = allowed;
        if (!allowed)
        {
            const auto refilled = static_cast<std::int64_t>(std::ceil((1 - there) / perMs()));
            state.retryAfterMs = std::max<std::int64_t>({1, refilled, askFrom - nowMs});
        }
        return state;
    }
};

/// Outlives the rates as long as answers are to come.
struct SharedRates::Table
{
    static constexpr std::size_t WAYS = 4;
    static constexpr std::size_t LOCKS = 64;

    explicit Table(std::size_t count) : alone(count), sets(std::max<std::size_t>(1, count / WAYS)), places(sets * WAYS)
    {
    }

    std::mutex& lockOf(std::uint64_t of) { return locks[(of % sets) % LOCKS]; }

    Place* find(std::uint64_t of)
    {
        Place* set = &places[(of % sets) * WAYS];
        for (std::size_t way = 0; way < WAYS; ++way)
            if (set[way].hash == of)
                return &set[way];
        return nullptr;
    }

    /// A new key takes the place whose bucket is closest to full: that is what it would be taken for anyway.
    Place& claim(std::uint64_t of, std::uint32_t perMinute, std::int64_t nowMs)
    {
        Place* found = find(of);
        if (!found)
        {
            Place* set = &places[(of % sets) * WAYS];
            const auto missing = [nowMs](const Place& place)
            { return place.hash == 0 ? -1 : place.perMinute - place.leftAt(nowMs) + place.owed; };
            found = std::min_element(set, set + WAYS,
                                     [&](const Place& a, const Place& b) { return missing(a) < missing(b); });
            *found = {};
            found->hash = of;
        }
        found->perMinute = perMinute;
        if (nowMs - found->usedAt > LAPSE_MS)
            found->tokens = 0;
        found->usedAt = nowMs;
        return *found;
    }

    const KeyHash hash;
    Buckets alone; ///< for as long as the store says nothing
    const std::size_t sets;
    std::atomic<std::uint32_t> instances{1};
    std::array<std::mutex, LOCKS> locks; // each guards the sets whose number modulo LOCKS is its own
    std::vector<Place> places;
};

SharedRates::SharedRates(store::SharedLimits& limits, std::size_t places)
    : _limits(limits), _table(std::make_shared<Table>(places))
{
}

Buckets::State SharedRates::take(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs)
{
    Table& table = *_table;
    const std::uint32_t instances = table.instances.load(std::memory_order_relaxed);
    const std::uint32_t block = std::max(1U, perMinute / (BLOCKS * instances));
    const std::uint64_t hash = table.hash(key);
    const bool away = _limits.away();

    Buckets::State state;
    std::uint32_t spent = 0, wanted = 0;
    bool asks = false;
    {
        const std::lock_guard lock(table.lockOf(hash));
        Place& place = table.claim(hash, perMinute, nowMs);
        bool allowed = true;
        if (away || place.silent(nowMs))
        {
            state = table.alone.take(key, std::max(1U, perMinute / instances), nowMs);
            state.limit = perMinute;
            allowed = state.allowed;
            if (allowed && place.owed < perMinute)
                ++place.owed;
        }
        else
        {
            if (place.tokens > 0)
                --place.tokens;
            else if (place.creditAt(nowMs, instances) > 0)
                ++place.owed;
            else
                allowed = false;
            state = place.stateAt(nowMs, allowed);
        }
        const std::uint32_t credit = place.creditAt(nowMs, instances);
        const bool low = place.tokens <= block / 2 && credit < block;
        const bool stale = place.owed > 0 && (!place.heard || nowMs - place.heardAt >= ASK_AT_LEAST);
        asks = !away && place.askedAt < 0 && ((low && nowMs >= place.askFrom) || place.owed >= block || stale);
        if (asks)
        {
            spent = place.owed;
            wanted = low ? block - std::min(block, place.tokens) : 0;
            place.askedAt = nowMs;
        }
    }
    if (asks) // without the lock: the answer may come at once
        ask(std::string(key), hash, perMinute, spent, wanted, nowMs);
    return state;
}

void SharedRates::ask(const std::string& key, std::uint64_t hash, std::uint32_t perMinute, std::uint32_t spent,
                      std::uint32_t wanted, std::int64_t nowMs)
{
    _limits.draw("rate/" + key, perMinute, spent, wanted,
                 [table = _table, hash, spent, wanted, nowMs](const store::SharedLimits::Drawn* drawn)
                 {
                     if (drawn)
                         table->instances.store(drawn->instances, std::memory_order_relaxed);
                     const std::lock_guard lock(table->lockOf(hash));
                     Place* place = table->find(hash);
                     if (!place || place->askedAt != nowMs)
                         return; // its place is another's, or was; what it drew lapses
                     place->askedAt = -1;
                     if (!drawn)
                     {
                         place->failedAt = nowMs;
                         return;
                     }
                     place->heard = true;
                     place->heardAt = nowMs;
                     place->left = drawn->left;
                     place->owed -= std::min(place->owed, spent);
                     place->tokens += drawn->tokens;
                     place->askFrom = nowMs;
                     if (drawn->tokens < wanted)
                         place->askFrom +=
                             std::clamp(static_cast<std::int64_t>(std::ceil((1 - drawn->left) / place->perMs())),
                                        ASK_AT_MOST, ASK_AT_LEAST);
                 });
}

} // namespace tenon::guard

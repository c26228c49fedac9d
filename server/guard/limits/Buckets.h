#pragma once

#include "guard/limits/KeyHash.h"

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

namespace tenon::guard
{

/// Token buckets of many keys in memory of a fixed size.
///
/// A bucket holds a minute's worth and refills evenly. Keys are hashed with a random seed into sets of a few places; a
/// new key takes the place of the one in its set that comes closest to a full bucket, which loses the least. However
/// many addresses take part in an attack, nothing grows.
///
/// Units:     milliseconds of `Clock::steadyMs`.
/// Threading: any thread; sets are guarded by a small number of mutexes.
class Buckets
{
public:
    struct State
    {
        bool allowed = true;
        std::uint32_t limit = 0;       ///< a minute
        std::uint32_t remaining = 0;   ///< whole tokens
        std::int64_t retryAfterMs = 0; ///< until a token is there; 0 if one is
        std::int64_t resetMs = 0;      ///< until the bucket is full
    };

    explicit Buckets(std::size_t places = 16384);

    /// Takes one token of `key`; takes none if there is none.
    State take(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs);

    /// Looks without taking. An unknown key has a full bucket.
    [[nodiscard]] State look(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs) const;

    /// Takes a token if there is one, and counts a failure: from the fifth in a row `key` has to wait, twice as long
    /// each time, up to a minute. A quarter of an hour without a failure ends the row.
    void fail(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs);

    /// Takes tokens until no more than `left` remain: somebody else knows of more failures.
    void learn(std::string_view key, std::uint32_t perMinute, double left, std::int64_t nowMs);

    /// Ends a row of failures.
    void succeed(std::string_view key);

    /// Bytes held: constant.
    [[nodiscard]] std::size_t memory() const { return _places.size() * sizeof(Place); }

private:
    struct Place
    {
        std::uint64_t key = 0; ///< 0: free
        double missing = 0;    ///< tokens taken and not yet refilled
        double perMs = 0;
        std::int64_t at = 0; ///< when `missing` was true
        std::int64_t blockedUntil = 0;
        std::int64_t failedAt = 0;
        std::uint32_t failures = 0;
    };

    static constexpr std::size_t WAYS = 4;
    static constexpr std::size_t LOCKS = 64;

    [[nodiscard]] std::mutex& lockOf(std::uint64_t key) const;
    [[nodiscard]] const Place* find(std::uint64_t key) const;
    Place& claim(std::uint64_t key, std::uint32_t perMinute, std::int64_t nowMs);
    static void refill(Place& place, std::int64_t nowMs);
    static State stateOf(const Place& place, std::uint32_t perMinute, std::int64_t nowMs);

    const KeyHash _hash;
    const std::size_t _sets;
    mutable std::array<std::mutex, LOCKS> _locks; // each guards the sets whose number modulo LOCKS is its own
    std::vector<Place> _places;
};

} // namespace tenon::guard

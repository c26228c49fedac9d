#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace tenon::store
{

/// What instances count together: how often somebody asks, and how much of a thing they have at a time.
///
/// An instance decides by what it has drawn or reserved, and asks for more behind that; so nobody waits here.
///
/// Units:     tokens of a bucket that holds a minute's worth and refills evenly; places of a quota.
/// Threading: any thread. Answers come once, on a thread of the store's or the caller's; they must not block.
class SharedLimits
{
public:
    virtual ~SharedLimits() = default;

    /// What came of a drawing.
    struct Drawn
    {
        std::uint32_t tokens = 0;    ///< now the asking instance's
        double left = 0;             ///< what the bucket holds after that; negative: it owes
        std::uint32_t instances = 1; ///< how many draw from it
    };

    /// Draws from the bucket `key`: `spent` tokens that are gone whether it holds them or not, and up to `wanted` more.
    /// `answer` gets null if the store is away: then nothing was drawn, as far as is known.
    virtual void draw(const std::string& key, std::uint32_t perMinute, std::uint32_t spent, std::uint32_t wanted,
                      std::function<void(const Drawn*)> answer) = 0;

    /// What came of a reservation.
    struct Reserved
    {
        std::uint64_t places = 0;    ///< the asking instance's from now on
        std::uint32_t instances = 1; ///< how many share
    };

    /// Makes `wanted` of the `most` places of `key` this instance's, in place of those it had; `held` of them are taken
    /// already, so it has no fewer. Lapses after `RESERVED_MS`, or with the instance's lease.
    virtual void reserve(const std::string& key, std::uint64_t most, std::uint64_t held, std::uint64_t wanted,
                         std::function<void(const Reserved*)> answer) = 0;

    /// How long places are reserved that nobody reserves again.
    static constexpr std::int64_t RESERVED_MS = 60'000;

    [[nodiscard]] virtual bool away() const = 0;
};

} // namespace tenon::store

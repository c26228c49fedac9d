#pragma once

#include <cstdint>

namespace tenon::net
{

/// What happened to a connection, as bits.
enum Readiness : std::uint8_t
{
    READABLE = 1,
    WRITABLE = 2,
    HANGUP = 4,  ///< the peer has closed its side, or all
    RESUME = 8,  ///< an answer is complete: there may be a next message to serve
    PARKED = 16, ///< a complete request waited in a queue, which owned its connection
    TURN = 32    ///< the connection waited for its turn in a queue, which owned it
};

/// Names one connection; never names another after it has gone.
using ConnectionRef = std::uint64_t;

/// Bits of a word that a ConnectionRef needs; the rest is free for Readiness.
inline constexpr std::uint32_t REF_BITS = 56;

} // namespace tenon::net

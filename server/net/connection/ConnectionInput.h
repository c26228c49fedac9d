#pragma once

#include "net/connection/ConnectionOutput.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon::net
{

struct Scratch;

/// The receiving half of a connection: whether there may be more to read, and when something last came.
///
/// Threading: the owner of the connection; `hangUp` and `hungUp` any thread.
class ConnectionInput
{
public:
    /// Shape: `nowMs` is the front's clock.
    ConnectionInput(FrontState& front, ConnectionOutput& output, std::uint32_t nowMs)
        : _front(front), _output(output), _activeMs(nowMs)
    {
    }
    ConnectionInput(const ConnectionInput&) = delete;
    ConnectionInput& operator=(const ConnectionInput&) = delete;

    /// The poll set has told of bytes, or of the end.
    void arrived() { _unread = true; }
    /// The socket may hold bytes.
    [[nodiscard]] bool unread() const { return _unread; }
    /// Nothing more is read.
    void end() { _unread = false; }

    /// The peer has closed its side, or is gone.
    void hangUp() { _hangup.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool hungUp() const { return _hangup.load(std::memory_order_relaxed); }

    SocketChannel::Io read(std::span<char> room, std::size_t& got);

    /// From now on what comes is read and dropped: the peer may still be sending, and would lose the answer to a reset.
    void linger();
    [[nodiscard]] bool lingers() const { return _lingerMs != 0; }
    /// Whether it has done so for as long as it is worth.
    [[nodiscard]] bool lingered() const;

    /// Reads what nobody wants any more. False: it is the end, or too much.
    [[nodiscard]] bool discard(Scratch& scratch);

    [[nodiscard]] std::uint32_t activeMs() const { return _activeMs; } ///< when bytes last came in

    void beginTurn() { _turnBytes = 0; }
    [[nodiscard]] std::uint32_t turnBytes() const { return _turnBytes; } ///< came in since then

private:
    FrontState& _front;
    ConnectionOutput& _output;
    std::uint32_t _activeMs;
    std::uint32_t _turnBytes = 0;
    std::uint32_t _lingerMs = 0; ///< when lingering began; 0: not lingering
    std::size_t _discarded = 0;
    bool _unread = false;
    std::atomic<bool> _hangup{false};
};

} // namespace tenon::net

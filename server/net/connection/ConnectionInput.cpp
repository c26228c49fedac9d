#include "net/connection/ConnectionInput.h"

#include "net/connection/FrontState.h"

#include <algorithm>

namespace tenon::net
{

namespace
{

constexpr std::size_t MAX_DISCARDED_BYTES = 16 * 1024 * 1024;
constexpr std::uint32_t LINGER_MS = 2000;

SocketChannel::Io receive(ConnectionOutput& output, std::span<char> room, std::size_t& got)
{
    if (!output.secure())
        return output.channel().read(room.data(), room.size(), got);
    const ConnectionOutput::Turn turn(output);
    return output.channel().read(room.data(), room.size(), got);
}

} // namespace

SocketChannel::Io ConnectionInput::read(std::span<char> room, std::size_t& got)
{
    const SocketChannel::Io io = receive(_output, room, got);
    if (io == SocketChannel::Io::WOULD_BLOCK)
        _unread = false;
    if (io != SocketChannel::Io::DONE)
        return io;
    _front.metrics.bytesReceived.add(got);
    _activeMs = _front.nowMs.load(std::memory_order_relaxed);
    _turnBytes += static_cast<std::uint32_t>(got);
    // A short read of a plain socket says that there is no more; a peer that has closed is told apart, so that its end
    // is read in any case.
    if (got < room.size() && !_output.secure() && !hungUp())
        _unread = false;
    return io;
}

void ConnectionInput::linger()
{
    _lingerMs = std::max(1U, _front.nowMs.load(std::memory_order_relaxed));
}

bool ConnectionInput::lingered() const
{
    return _front.nowMs.load(std::memory_order_relaxed) - _lingerMs >= LINGER_MS;
}

bool ConnectionInput::discard(Scratch& scratch)
{
    for (;;)
    {
        std::size_t got = 0;
        const SocketChannel::Io io = receive(_output, {scratch.buffer.get(), Scratch::BYTES}, got);
        if (io == SocketChannel::Io::WOULD_BLOCK)
            return true;
        _discarded += got;
        if (io == SocketChannel::Io::CLOSED || _discarded > MAX_DISCARDED_BYTES)
            return false;
    }
}

} // namespace tenon::net

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tenon::plugin
{

/// The way to a peer as the system has it: a stream of bytes both ways.
///
/// Threading: one thread sends, another one receives and waits; the rest on any.
class ByteStream
{
public:
    enum class Received
    {
        SOME,
        NOTHING, ///< not now
        CLOSED   ///< the peer has gone
    };

    virtual ~ByteStream() = default;

    /// Sends; gives how much was taken. With `waits` that is all of it; else `full` tells that the rest must wait. To a
    /// peer that has gone everything is sent.
    [[nodiscard]] virtual std::size_t write(const char* data, std::size_t size, bool waits, bool& full) = 0;

    /// Receives what there is, without waiting, at most `size` bytes; `got` is how many.
    [[nodiscard]] virtual Received receive(char* data, std::size_t size, std::size_t& got) = 0;

    /// Waits until something can be received (with `toSend`: or sent), or the peer has gone, or the waker or descriptor
    /// `other` is up (-1: none; not for sockets on Windows), or for `timeoutMs` (-1: without end). Whether `other` is up.
    virtual bool wait(int timeoutMs, bool toSend, std::intptr_t other) = 0;

    /// Whether the peer has closed its end, even if something of it can still be received.
    [[nodiscard]] virtual bool peerHasGone() = 0;

    /// The socket that it is made of; -1: it is made of something else.
    [[nodiscard]] virtual int descriptor() const noexcept { return -1; }

    /// Closes this end for both, while the stream itself still stands: nothing is sent or received any more.
    virtual void shutDown() = 0;
};

using ByteStreamPtr = std::unique_ptr<ByteStream>;

/// Ownership: takes the connected socket over.
[[nodiscard]] ByteStreamPtr streamOfSocket(int descriptor);

} // namespace tenon::plugin

#pragma once

#include "plugin/worker/channel/ByteStream.h"
#include "plugin/worker/channel/Frame.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::plugin
{

/// One end of the connection between the server and a worker: a stream of bytes both ways.
///
/// Threads that send at the same time share system calls: one sends, the others leave their frames with it.
///
/// Threading: `send`, `flush`: any thread. `receive`: one thread at a time.
class FrameChannel
{
public:
    /// What happens when the peer does not take what is sent.
    enum class WhenFull
    {
        WAIT, ///< the sender waits
        KEEP  ///< it is kept, and leaves with a later `send` or `flush`
    };

    using Received = ByteStream::Received;

    /// Ownership: takes the descriptor over.
    FrameChannel(int descriptor, WhenFull whenFull) : FrameChannel(streamOfSocket(descriptor), whenFull) {}
    FrameChannel(ByteStreamPtr stream, WhenFull whenFull) : _stream(std::move(stream)), _whenFull(whenFull) {}
    FrameChannel(const FrameChannel&) = delete;
    FrameChannel& operator=(const FrameChannel&) = delete;

    /// Two connected ends; both are closed in programs that are started.
    ///
    /// Errors: std::system_error.
    [[nodiscard]] static std::pair<int, int> makePair();

    /// Sends a frame, cut into several if it is large. A peer that has gone is `receive`'s to find out.
    void send(FrameType type, std::uint64_t id, std::string_view body = {});

    /// Sends what was kept.
    void flush();
    [[nodiscard]] bool keepsSomething() const noexcept { return keptBytes() > 0; }
    [[nodiscard]] std::size_t keptBytes() const noexcept { return _kept.load(std::memory_order_acquire); }

    /// As of `ByteStream`.
    [[nodiscard]] Received receive(char* data, std::size_t size, std::size_t& got)
    {
        return _stream->receive(data, size, got);
    }
    [[nodiscard]] bool peerHasGone() const { return _stream->peerHasGone(); }
    void shutDown() { _stream->shutDown(); }

    /// Waits until something can be received (or sent, if something is kept), or the peer has gone, or `other` is up, or
    /// for `timeoutMs`. Whether `other` is up.
    bool wait(int timeoutMs, std::intptr_t other = -1) const
    {
        return _stream->wait(timeoutMs, keepsSomething(), other);
    }

    [[nodiscard]] ByteStream& stream() const noexcept { return *_stream; }

private:
    void drain(std::unique_lock<std::mutex>& lock);

    const ByteStreamPtr _stream;
    const WhenFull _whenFull;
    std::atomic<std::size_t> _kept{0}; ///< bytes that the peer did not take

    // Of the thread that sends.
    std::string _batch;
    std::size_t _batchSent = 0; ///< of it

    std::mutex _mutex;     // guards all below
    std::string _outgoing; ///< after `_batch`
    bool _sending = false;
};

} // namespace tenon::plugin

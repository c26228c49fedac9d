#pragma once

#include "net/io/OutQueue.h"
#include "net/io/Readiness.h"
#include "net/io/SocketChannel.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

struct FrontState;

/// The sending half of a connection: the socket, what its peer has not taken yet, and the lock both are used under.
///
/// Whoever sends takes a Turn; what is sent within one leaves in order and in one piece. Who answers many requests at a
/// peer that does not read is not asked for more: from WATERMARK on `next` says WAIT.
///
/// Errors:    none is thrown; a connection that cannot be written to, or whose bytes there is no memory for, fails.
/// Threading: any thread; `eventful` and `next` by the owner of the connection.
class ConnectionOutput
{
public:
    static constexpr std::size_t WATERMARK = 65536; ///< bytes that may wait while another request is read

    ConnectionOutput(FrontState& front, const Poco::Net::StreamSocket& socket);
    ConnectionOutput(const ConnectionOutput&) = delete;
    ConnectionOutput& operator=(const ConnectionOutput&) = delete;

    void setRef(ConnectionRef ref) { _ref = ref; } ///< before anything is sent

    /// What the connection is to do next.
    enum class Next : std::uint8_t
    {
        SERVE,
        WAIT,   ///< until the peer has taken some of what waits
        LINGER, ///< read a while, and drop it: the peer may still be sending, and would lose the answer to a reset
        CLOSE
    };

    /// The right to send, held as long as the object lives.
    class Turn
    {
    public:
        explicit Turn(ConnectionOutput& output) : _lock(output._mutex), _output(output) {}
        Turn(ConnectionOutput& output, std::adopt_lock_t locked) : _lock(output._mutex, locked), _output(output) {}

        /// Sends `parts` one after the other. Errors: false if the connection has failed.
        bool transmit(std::span<const std::string_view> parts);

        /// Queues a text that other connections send too; it leaves in turn with requests.
        bool share(std::string_view before, const std::shared_ptr<const std::string>& text, std::string_view after);

        /// From here on, what is sent within this turn is put together, up to some kilobytes: it leaves with `sendGathered`,
        /// or before whatever is sent next by others.
        void gather() { _gathers = true; }

        /// Errors: false if the connection has failed.
        bool sendGathered();
        [[nodiscard]] bool gathered() const { return _output._gathered != nullptr; }

        /// Writes what the peer takes of what waits.
        void flush();

        /// Nothing can be sent any more. The socket stays open so that its number is not given to another under a
        /// thread that still polls it; the poll set tells of the end, and the owner closes.
        void fail();

        /// The connection ends when everything is sent. Shape: `lingers` if the peer may still be sending.
        void endWhenSent(bool lingers);

        void close();

        [[nodiscard]] std::size_t waiting() const;
        [[nodiscard]] bool isOpen() const { return _output._open; }
        [[nodiscard]] bool usable() const { return !_output.broken(); }

        /// Whether it failed because its peer did not take enough while memory was short.
        [[nodiscard]] bool wasSlow() const { return _output._slow; }

        /// Whether bytes have waited for `limitMs` and the peer has taken none of them. To be asked now and then: a
        /// peer that reads slowly makes its system acknowledge bytes that left here long ago.
        [[nodiscard]] bool stalled(std::uint32_t nowMs, std::uint32_t limitMs);

        /// Whether the peer has taken next to nothing of what waits for `everyMs`. To be asked now and then.
        [[nodiscard]] bool slow(std::uint32_t nowMs, std::uint32_t everyMs);

        /// When bytes last left.
        [[nodiscard]] std::uint32_t sentMs() const { return _output._sentMs; }

    private:
        bool put(std::span<const std::string_view> parts);
        void awaitRoom();
        bool keep(std::span<const std::string_view> parts, std::size_t skip);
        void note();

        const std::lock_guard<std::mutex> _lock;
        ConnectionOutput& _output;
        bool _gathers = false;
    };

    /// Whether something waits or the connection ends, so that `next` has to be asked before another request is served.
    [[nodiscard]] bool eventful() const { return _eventful.load(std::memory_order_acquire); }
    [[nodiscard]] Next next();

    /// Sends what waits if `bits` are about that.
    void sendWaiting(std::uint8_t bits);

    /// Sends what is gathered, unless somebody has the turn, who may keep it for a while: it leaves with what they send, or at
    /// the next asking.
    void sendGatheredIfFree();

    /// Of the peer's verified certificate; empty: none.
    [[nodiscard]] std::string peerSubject();

    /// Nothing can be sent any more.
    [[nodiscard]] bool broken() const { return _broken.load(std::memory_order_relaxed); }

    [[nodiscard]] bool secure() const { return _channel.secure(); }
    /// What the receiving half reads from: on TLS within a turn, for it is both halves' then.
    [[nodiscard]] SocketChannel& channel() { return _channel; }
    [[nodiscard]] const Poco::Net::StreamSocket& socket() const { return _channel.socket(); }

private:
    FrontState& _front;
    ConnectionRef _ref = 0;

    std::atomic<bool> _eventful{false}; ///< something waits, or the connection ends. Written under the lock
    std::atomic<bool> _broken{false};   ///< it has failed or was closed. Written under the lock

    std::mutex _mutex; // guards all below, and writing; on TLS also reading
    SocketChannel _channel;
    std::unique_ptr<OutQueue> _queue;
    std::unique_ptr<std::string> _gathered; ///< to be sent after what is in the queue
    std::uint32_t _sentMs;                  ///< when bytes last went out, or were acknowledged
    std::size_t _unacknowledged = 0;        ///< at the last look
    std::uint64_t _sentBytes = 0;
    struct
    {
        std::uint32_t atMs = 0; ///< 0: none
        std::uint64_t takenBytes = 0;
    } _mark; ///< of `slow`
    bool _open = true;
    bool _ending = false;
    bool _lingers = false;
    bool _watched = false; ///< the poll set tells when there is room to write
    bool _ordered = false; ///< a flush is ordered
    bool _slow = false;    ///< memory was short, and its peer did not read
};

} // namespace tenon::net

#pragma once

#include "net/front/ConnectionTable.h"
#include "net/front/Endpoint.h"
#include "net/front/FrontState.h"
#include "net/http/ChunkedDecoder.h"
#include "net/io/Channel.h"
#include "net/io/OutQueue.h"

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

/// One client's connection: reads messages, hands each complete one to its route, writes what the exchange answers.
///
/// A connection that waits for its client is this object and nothing else: bytes are read into the thread's scratch,
/// and only an incomplete message gets a buffer of its own. Messages are served one after the other; the next begins
/// when the exchange of the last is complete.
///
/// Threading: functions under "owner" are for the thread that owns it in the ConnectionTable; the others for any
/// thread.
class Connection final : public std::enable_shared_from_this<Connection>
{
public:
    Connection(FrontState& front, const Poco::Net::StreamSocket& socket, std::string peer);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// What is to become of a connection when its owner has served it.
    enum class Outcome
    {
        KEEP,
        CLOSE,
        PARK ///< stays owned until a thread that may block takes the request up: `serve` with PARKED
    };

    // Owner.
    void setRef(ConnectionRef ref) { _ref = ref; }
    Outcome serve(std::uint8_t bits, Scratch& scratch);
    /// Refuses a parked request: nobody had time for it.
    Outcome refuseParked();
    /// Looks at the clock: time limits, heartbeats. Cheap if there is nothing to do.
    Outcome sweep(Scratch& scratch);
    /// Draining: closes if nothing is going on.
    Outcome retire();
    /// False while bytes are left unread on purpose.
    [[nodiscard]] bool watchesReading() const { return !_unread || _lingerMs != 0; }
    void close();

    // Any thread.
    /// The peer has gone while somebody else owns the connection.
    void hangup();
    /// Sends what waits if `bits` are about that, also while somebody else owns the connection: the owner may be in a
    /// long call that reports.
    void sendWaiting(std::uint8_t bits);
    [[nodiscard]] const Poco::Net::StreamSocket& socket() const { return _channel.socket(); }
    [[nodiscard]] const std::string& peer() const { return _peer; }
    [[nodiscard]] FrontState& front() { return _front; }
    [[nodiscard]] ConnectionRef ref() const { return _ref; }

private:
    friend class Exchange;

    /// What became of the bytes at hand.
    enum class Step
    {
        SERVED, ///< one message is done, there may be more
        NEED,   ///< more bytes are needed
        PARK,
        END ///< the connection ends, now or when its answer is written
    };

    /// Whether the connection is to end.
    enum class End
    {
        NO,
        NOW,
        LATER ///< when the peer has taken the rest of the answer
    };

    enum class Phase : std::uint8_t
    {
        HEAD,
        LENGTH, ///< a body of known length
        CHUNKED
    };

    /// A message that is not complete, or waits for a thread.
    struct Input
    {
        std::unique_ptr<char[]> bytes;
        std::size_t capacity = 0;
        std::size_t size = 0; ///< bytes that are there
        std::size_t scanned = 0;
        std::size_t headLength = 0;
        std::size_t bodyLength = 0; ///< LENGTH: announced; CHUNKED: decoded so far
        std::size_t tail = 0;       ///< LENGTH: where the next message begins
        std::uint32_t sinceMs = 0;  ///< when it began; a body's time begins anew
        ChunkedDecoder decoder;
        Phase phase = Phase::HEAD;
        bool waiting = false;  ///< complete, waits for a thread that may block
        bool admitted = false; ///< `admission` is the gate's word: it is asked once a message
        guard::Admission admission;
        std::string clientAddress; ///< what `admission` borrows: the head it came from moves

        void keep(guard::Admission&& word);
        void reserve(std::size_t wanted);
        void append(const char* from, std::size_t count);
        void dropFront(std::size_t count);
    };

    // Owner; ConnectionInput.cpp.
    Outcome advance(Scratch& scratch);
    Step fromScratch(char* data, std::size_t size, Scratch& scratch);
    Step fromInput(Scratch& scratch);
    Step message(const char* data, std::size_t size, std::size_t& consumed, Scratch& scratch);
    Step beginBody(const RequestHead& head, guard::Admission&& admission, std::size_t size);
    Step body(Scratch& scratch);
    Step receive(Scratch& scratch);
    Step endOfInput();
    Outcome discard(Scratch& scratch);
    Input& input();

    // Owner; ConnectionServe.cpp.
    bool admit(const RequestHead& head, bool bodyHere, guard::Admission& admission, Step& otherwise);
    Step dispatch(const RequestHead& head, std::string_view body, guard::Admission& admission, Scratch& scratch);
    bool holdFor(const guard::Admission& admission);
    std::shared_ptr<Exchange> begin(const RequestHead& head, const guard::Admission& admission, bool bodyHere);
    Step refuse(int status, std::string_view reason);
    End ending();

    // `_mutex` is held.
    bool transmit(std::span<const std::string_view> parts);
    bool share(std::string_view before, const std::shared_ptr<const std::string>& text, std::string_view after);
    void flush();
    void fail();
    void awaitRoom();

    // Constant after construction.
    FrontState& _front;
    const std::string _peer;
    const std::uint32_t _bornMs;
    ConnectionRef _ref = 0;

    // The owner's.
    std::unique_ptr<Input> _input;
    base::Quota::HeldPtr _held; ///< of the allowance of the principal that it served last; null: that one has no limit
    std::uint32_t _served = 0;
    std::uint32_t _lingerMs = 0; ///< when lingering began; 0: not lingering
    std::size_t _discarded = 0;
    bool _unread = false; ///< the socket may hold bytes

    // Synchronised by themselves.
    std::atomic<std::uint32_t> _activeMs; ///< when bytes last came in
    std::atomic<bool> _busy{false};       ///< an exchange is not complete
    std::atomic<bool> _resumeWanted{false};
    std::atomic<bool> _hangup{false};

    std::mutex _mutex; // guards all below, and writing; on TLS also reading
    Channel _channel;
    std::unique_ptr<OutQueue> _out;
    std::shared_ptr<Exchange> _exchange; ///< the current one
    std::uint32_t _sentMs;               ///< when bytes last went out
    bool _open = true;
    bool _failed = false;    ///< nothing can be sent any more
    bool _closing = false;   ///< ends when `_out` is empty
    bool _lingers = false;   ///< and reads a while, so that the answer is not lost with what the peer still sends
    bool _watched = false;   ///< the poll set tells when there is room to write
    bool _flushing = false;  ///< a flush is ordered
    bool _streaming = false; ///< the current exchange is an event stream
};

} // namespace tenon::net

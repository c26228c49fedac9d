#pragma once

#include "base/limits/Quota.h"
#include "net/connection/ByteTaker.h"
#include "net/connection/ConnectionInput.h"
#include "net/connection/ConnectionOutput.h"
#include "net/connection/ExchangeSlot.h"
#include "net/connection/FrontState.h"
#include "net/connection/HeadCheck.h"
#include "net/connection/RequestReader.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

class Exchange;

/// One client's connection: has its requests read, checked and served, one after the other.
///
/// A connection that waits for its client is this object and nothing else: bytes are read into the thread's scratch,
/// and only an incomplete message gets a buffer of its own. The next request is read when the exchange of the last is
/// complete and the peer has taken most of what it was answered.
///
/// Threading: functions under "owner" are for the thread that owns it in the ConnectionTable; the others for any
///            thread.
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
        YIELD, ///< there is more to serve, but it is others' turn
        CLOSE,
        PARK,  ///< stays owned until a thread that may block takes the request up: `serve` with PARKED
        LARGE, ///< the same, until there is a place in the lane of large messages
        LEFT   ///< another thread has become the owner: nothing is to be done, and `Scratch::left` to be let go
    };

    // Owner.
    void setRef(ConnectionRef ref);
    /// Errors: std::bad_alloc and whatever else a handler may throw; the connection is to be closed then.
    Outcome serve(std::uint8_t bits, Scratch& scratch);
    /// Refuses a parked request: nobody had time for it.
    Outcome refuseParked(Scratch& scratch);
    /// Looks at the clock: time limits, heartbeats. Cheap if there is nothing to do.
    Outcome sweep(Scratch& scratch);
    /// Draining: closes if nothing is going on, and nothing has come for a while.
    Outcome retire();
    /// False while bytes are left unread on purpose.
    [[nodiscard]] bool watchesReading() const { return !_input.unread() || _input.lingers(); }
    /// Shape: `why` is a literal, for the log of streams.
    void close(std::string_view why = "client");

    // Any thread.
    /// The peer has gone while somebody else owns the connection.
    void hangup();
    /// Becomes the owner in the place of a thread that is still inside what has answered its request, such as a tool that
    /// does not return. False if there is no such thread.
    [[nodiscard]] bool takeOver() noexcept { return _slot.takeOver(_reader, _output); }
    /// Whether it carries a stream now.
    [[nodiscard]] bool isStream();
    void sendWaiting(std::uint8_t bits) { _output.sendWaiting(bits); }
    [[nodiscard]] const Poco::Net::StreamSocket& socket() const { return _output.socket(); }
    [[nodiscard]] ConnectionOutput& output() { return _output; }
    [[nodiscard]] FrontState& front() { return _front; }

    // For its exchange.
    /// From now on `taker` gets what comes. By the owner, and while the exchange is not over: until then nobody takes its
    /// place.
    void leaveHttp(const ConnectionOutput::Turn& turn, std::shared_ptr<ByteTaker> taker);
    [[nodiscard]] ExchangeSlot& slot() { return _slot; }
    /// Its exchange is over, and the thread that ended it does not serve this: another one goes on.
    void wake();

private:
    /// What became of the bytes at hand.
    enum class Step
    {
        NEXT, ///< one thing is done, there may be more
        NEED, ///< more bytes are needed
        PARK,
        LARGE,
        LEFT
    };

    Outcome advance(Scratch& scratch);
    Outcome pass(Scratch& scratch);
    Step step(Scratch& scratch);
    Step endOfInput();
    Step checkHead(Scratch& scratch);
    Step serveRequest(const HeadCheck::Verdict& verdict, Scratch& scratch);
    Step park(const HeadCheck::Verdict& verdict, Step as);
    /// Keeps the request until a thread may take it up: `as` that, or NEXT if it had to be refused.
    Step setAside(const HeadCheck::Verdict& verdict, Step as);
    std::shared_ptr<Exchange> begin(const guard::Admission& admission, bool goesOn, Scratch& scratch);
    /// Answers what cannot be understood, or comes too late, and ends.
    void refuse(int status, std::string_view message);

    // Constant after construction.
    FrontState& _front;
    const std::string _peer;
    const std::uint32_t _bornMs;
    ConnectionRef _ref = 0;

    ConnectionOutput _output; ///< synchronised by itself

    // The owner's.
    ConnectionInput _input;
    RequestReader _reader;
    std::shared_ptr<ByteTaker> _taker;           ///< null: HTTP
    std::unique_ptr<HeadCheck::Kept> _kept;      ///< of a request that is incomplete, or waits for a thread
    std::string _holder;                         ///< as the table knows it
    std::unique_ptr<const std::string> _subject; ///< of the client's certificate, on TLS; null: nobody has asked yet
    base::Quota::HeldPtr _held; ///< of the allowance of the principal that it served last; null: that one has no limit
    std::uint32_t _served = 0;
    bool _parked = false;

    ExchangeSlot _slot; ///< as it says
};

} // namespace tenon::net

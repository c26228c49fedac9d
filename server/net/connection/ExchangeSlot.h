#pragma once

#include "net/connection/ConnectionOutput.h"
#include "net/connection/RequestReader.h"
#include "net/connection/ServingThread.h"
#include "net/route/Endpoint.h"

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

namespace tenon::net
{

class Connection;

/// The one exchange of a connection that is not over, and the thread that is inside what answers it.
///
/// The next request is served when the exchange is over. Any thread may end it, and is told whether somebody else has to go
/// on. A thread that does not come out of what it is inside may lose the connection to another.
///
/// Threading: as said.
class ExchangeSlot
{
public:
    using Turn = ConnectionOutput::Turn;

    explicit ExchangeSlot(const Connection* connection) : _connection(connection) {}
    ExchangeSlot(const ExchangeSlot&) = delete;
    ExchangeSlot& operator=(const ExchangeSlot&) = delete;

    // The owner of the connection.
    /// Shape: `bodyLeft`: the peer may still be sending a body that nobody reads.
    void begin(const std::shared_ptr<Exchange>& exchange, bool bodyLeft)
    {
        // Without a turn: who else looks at these has one, and finds the connection busy first.
        _exchange = exchange;
        _bodyLeft = bodyLeft;
        _busy.store(true, std::memory_order_release);
    }

    /// While `busy`: whoever ends the exchange is to have a thread go on with what is here. False: it has ended meanwhile.
    [[nodiscard]] bool goesOnLater();

    /// Has the endpoint answer the request, the calling thread being inside.
    ///
    /// Shape:  nothing if another thread has become the owner meanwhile.
    /// Errors: what the endpoint throws, unless that is so.
    [[nodiscard]] std::optional<mcp::Handled> serve(Endpoint& endpoint, const Request& request, ExchangePtr& exchange,
                                                    ConnectionOutput& output);

    // Any thread.
    [[nodiscard]] bool busy() const { return _busy.load(std::memory_order_acquire); }

    /// Takes the connection from a thread that is still inside what has answered its request, and stays there; what came
    /// behind the request is the caller's to serve. False if there is no such thread.
    [[nodiscard]] bool takeOver(RequestReader& reader, ConnectionOutput& output) noexcept;

    // Within a turn; while the connection is not busy, also its owner.
    [[nodiscard]] const std::shared_ptr<Exchange>& current() const { return _exchange; }
    [[nodiscard]] std::shared_ptr<Exchange> take() { return std::exchange(_exchange, nullptr); }
    void leaveBody() { _bodyLeft = true; } ///< the peer goes on sending until it has read of the end

    /// What is left to do when the exchange is over, outside the turn.
    struct Over
    {
        std::shared_ptr<Exchange> exchange; ///< to be let go
        bool wakes = false;                 ///< the connection has to be served by another thread
    };
    [[nodiscard]] Over complete(Turn& turn, bool keepAlive);

private:
    const Connection* const _connection;

    std::atomic<bool> _busy{false}; ///< the exchange is not over
    std::atomic<bool> _resumeWanted{false};
    /// Of the owner while it is inside an endpoint. Whoever clears it is the owner from then on; another thread does so
    /// within a turn.
    std::atomic<ServingThread*> _inside{nullptr};

    // Guarded by the output's turn while the connection is busy; else the owner's.
    std::shared_ptr<Exchange> _exchange;
    bool _bodyLeft = false;
};

} // namespace tenon::net

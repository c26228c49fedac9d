#pragma once

#include "net/connection/ConnectionOutput.h"
#include "net/connection/ServingThread.h"

#include <atomic>
#include <memory>
#include <utility>

namespace tenon::net
{

class Connection;
class Exchange;

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

    /// Whether the next request may be served. Shape: `wanted`: it is here, and is to be served when this one is over.
    [[nodiscard]] bool free(bool wanted);

    /// The calling thread goes inside what answers the request.
    void enter(ServingThread& mark) { _inside.store(&mark, std::memory_order_release); }
    /// False: another thread has become the owner meanwhile.
    [[nodiscard]] bool comeOut(ServingThread& mark, ConnectionOutput& output);

    // Any thread.
    [[nodiscard]] bool busy() const { return _busy.load(std::memory_order_acquire); }

    /// Whether a thread may still be inside what has answered its request.
    [[nodiscard]] bool heldUp() const
    {
        return _inside.load(std::memory_order_relaxed) != nullptr && !_busy.load(std::memory_order_relaxed);
    }

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

    /// Takes the connection from the thread inside, which stays there; null: there is none. `giveBack` undoes it.
    [[nodiscard]] ServingThread* takeOut(const Turn& turn);
    void giveBack(ServingThread* inside, const Turn&) { _inside.store(inside, std::memory_order_release); }

private:
    [[nodiscard]] bool servedHere() const noexcept;

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

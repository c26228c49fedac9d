#pragma once

#include "net/connection/Connection.h"
#include "net/connection/FrontState.h"
#include "net/front/WorkQueue.h"

#include <cstdint>
#include <functional>

namespace tenon::net
{

/// Brings what happened to its connection: becomes the owner, has the connection act, lets go or ends it. The one place
/// where connections change hands, and where what one of them throws ends that one alone.
///
/// Threading: any thread.
class ConnectionDriver
{
public:
    using Look = std::function<Connection::Outcome(Connection&)>;

    ConnectionDriver(FrontState& front, WorkQueue& queue) : _front(front), _queue(queue) {}

    /// Serves one event; PARKED and TURN are those of connections that were taken out of a queue.
    void serve(ConnectionRef ref, std::uint8_t bits, Scratch& scratch) noexcept;

    /// Puts an event behind those of others, to be served when its connection's turn comes.
    void enqueue(ConnectionRef ref, std::uint8_t bits) noexcept;

    /// Refuses a request that was taken out of the queue: it has waited too long.
    void refuse(ConnectionRef ref, Scratch& scratch) noexcept;

    /// Has a connection served further whose owner is still inside what has answered its request.
    void takeOver(ConnectionRef ref) noexcept;

    /// Sends what a request that is being served has gathered so far.
    void sendGathered(ConnectionRef ref) noexcept;

    /// Looks at a connection if nobody has it; what comes meanwhile is left for the threads that serve.
    void visit(ConnectionRef ref, const Look& look, Scratch& scratch) noexcept;

    /// Ends every connection. When no thread serves any more.
    void endAll() noexcept;

private:
    /// As the owner: does what `outcome` says until nothing more has come.
    void settle(ConnectionRef ref, Connection& connection, Connection::Outcome outcome, Scratch& scratch) noexcept;
    void notOurs(ConnectionTable::Claim claim, ConnectionRef ref, std::uint8_t bits) noexcept;
    void end(ConnectionRef ref) noexcept;

    FrontState& _front;
    WorkQueue& _queue;
};

} // namespace tenon::net

#include "net/front/ConnectionDriver.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <exception>
#include <new>
#include <string>

namespace tenon::net
{

namespace
{

using Outcome = Connection::Outcome;
using Claim = ConnectionTable::Claim;

/// Whatever goes wrong with one connection ends that one.
template <typename Act>
Outcome attempt(Act act) noexcept
{
    try
    {
        try
        {
            return act();
        }
        catch (const std::bad_alloc&)
        {
            Poco::Logger::get("tenon.net").warning("closed a connection: no memory for its request");
        }
        catch (const Poco::Exception& exc)
        {
            Poco::Logger::get("tenon.net").error("closed a connection: " + exc.displayText());
        }
        catch (const std::exception& exc)
        {
            Poco::Logger::get("tenon.net").error(std::string("closed a connection: ") + exc.what());
        }
    }
    catch (...)
    {
        return Outcome::CLOSE; // there is not even memory to say so
    }
    return Outcome::CLOSE;
}

} // namespace

void ConnectionDriver::enqueue(ConnectionRef ref, std::uint8_t bits) noexcept
{
    if (const Claim claim = _front.table.claim(ref, bits).outcome; claim == Claim::OWNED)
        _queue.turns().push(ref, bits);
    else
        notOurs(claim, ref, bits);
}

void ConnectionDriver::serve(ConnectionRef ref, std::uint8_t bits, Scratch& scratch) noexcept
{
    Connection* connection;
    if ((bits & (PARKED | TURN)) != 0) // whoever took one out of a queue is the owner
        connection = &_front.table.owned(ref);
    else if (const auto claimed = _front.table.claim(ref, bits); claimed.outcome == Claim::OWNED)
        connection = claimed.connection;
    else
        return notOurs(claimed.outcome, ref, bits);
    scratch.serving.store(ref, std::memory_order_relaxed);
    settle(ref, *connection, attempt([&] { return connection->serve(bits, scratch); }), scratch);
}

void ConnectionDriver::refuse(ConnectionRef ref, Scratch& scratch) noexcept
{
    Connection& connection = _front.table.owned(ref);
    settle(ref, connection, attempt([&] { return connection.refuseParked(scratch); }), scratch);
}

void ConnectionDriver::settle(ConnectionRef ref, Connection& connection, Outcome outcome, Scratch& scratch) noexcept
{
    for (;;)
    {
        if (outcome == Outcome::LEFT)
            return scratch.left.reset();
        if (outcome == Outcome::PARK)
        {
            const auto patience = std::chrono::milliseconds(_front.settings.queueMs);
            if (_queue.park(ref, WorkQueue::Clock::now() + patience))
                return _front.poller.wake();
            outcome = attempt([&] { return connection.refuseParked(scratch); });
            continue;
        }
        if (outcome == Outcome::LARGE)
        {
            _queue.pushLarge(ref);
            return _front.poller.wake();
        }
        if (outcome == Outcome::CLOSE)
            return end(ref);
        _front.poller.rearm(connection.socket(), connection.watchesReading());
        std::uint8_t bits = 0;
        if (outcome == Outcome::YIELD)
        {
            _queue.turns().pushAgain(ref, RESUME);
            return _front.poller.wake();
        }
        if (_front.table.release(ref, bits))
            return;
        outcome = attempt([&] { return connection.serve(bits, scratch); });
    }
}

void ConnectionDriver::takeOver(ConnectionRef ref) noexcept
{
    const auto connection = _front.table.find(ref);
    if (!connection || !connection->takeOver())
        return;
    _queue.turns().push(ref, READABLE | WRITABLE | RESUME);
    _front.poller.wake();
}

void ConnectionDriver::sendGathered(ConnectionRef ref) noexcept
{
    if (const auto connection = _front.table.find(ref))
        connection->output().sendGatheredIfFree();
}

/// The event was left for whoever is the owner, if there is one.
void ConnectionDriver::notOurs(Claim claim, ConnectionRef ref, std::uint8_t bits) noexcept
{
    // The owner may be in a long call, whose events are awaited, and which somebody may want to cancel.
    if (claim == Claim::GONE || (bits & (WRITABLE | RESUME | HANGUP)) == 0)
        return;
    if ((bits & HANGUP) != 0 && _queue.unpark(ref))
        return end(ref); // the owner was the queue, and who waits in it has gone
    if (const auto connection = _front.table.find(ref))
    {
        connection->sendWaiting(bits);
        if ((bits & HANGUP) != 0)
            connection->hangup();
    }
}

void ConnectionDriver::visit(ConnectionRef ref, const Look& look, Scratch& scratch) noexcept
{
    std::uint8_t bits = 0;
    if (ref == 0)
        return;
    const auto claimed = _front.table.claim(ref, bits);
    if (claimed.outcome != Claim::OWNED)
        return;
    Connection& connection = *claimed.connection;
    const Outcome outcome = attempt([&] { return look(connection); });
    if (outcome == Outcome::CLOSE || outcome == Outcome::PARK || outcome == Outcome::LARGE || outcome == Outcome::LEFT)
        return settle(ref, connection, outcome, scratch);
    if (outcome == Outcome::YIELD)
        bits |= RESUME;
    std::uint8_t more = bits;
    while (!_front.table.release(ref, more))
        bits = static_cast<std::uint8_t>(bits | more);
    if (bits != 0)
        _front.scheduler->kick(ref, bits);
}

void ConnectionDriver::end(ConnectionRef ref) noexcept
{
    _front.poller.remove(_front.table.owned(ref).socket());
    _front.table.erase(ref)->close();
}

void ConnectionDriver::endAll() noexcept
{
    const std::uint32_t slots = _front.table.slots();
    for (std::uint32_t index = 0; index < slots; ++index)
        if (const ConnectionRef ref = _front.table.at(index); ref != 0)
            _front.table.erase(ref)->close("drain");
}

} // namespace tenon::net

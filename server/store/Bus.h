#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::store
{

/// One instance, as the others see it.
struct Member
{
    std::string tag;        ///< "<instance>.<epoch>"
    std::string state;      ///< JSON object that it says of itself
    std::int64_t ageMs = 0; ///< since its last sign of life
};

/// Receives what others send. Called on one thread of the bus, in order; must not block.
class BusListener
{
public:
    virtual ~BusListener() = default;

    /// A message of the instance `from`.
    virtual void received(const std::string& from, std::string_view message) = 0;

    /// Who there is, this one included, after each sign of life. Who is missing is gone: its lease has ended.
    virtual void members(const std::vector<Member>& members) = 0;

    /// This instance gave no sign of life for longer than its lease: others may have taken over what it has.
    virtual void lapsed() = 0;
};

/// Carries messages between instances. Each has an inbox that survives a broken connection; what is sent to one that is
/// gone is dropped, and so is what is sent while the bus is away. A bus may lose what it took: who must know asks again.
///
/// Threading: any thread. Nothing blocks.
class Bus
{
public:
    virtual ~Bus() = default;

    /// Begins to listen: once it returns, or as soon as the bus is there, others reach this instance. Once.
    /// Ownership: `listener` outlives `stop`.
    virtual void start(BusListener& listener) = 0;

    /// After the return the listener is no longer called, and the others see this instance go.
    virtual void stop() = 0;

    /// Told whether the message is in the inbox, on a thread of the bus or the caller's; must not block.
    using Taken = std::function<void(bool taken)>;

    virtual void send(const std::string& tag, std::string message, Taken taken) = 0;
    virtual void sendToOthers(std::string message) = 0;

    /// Whether this instance has given no sign of life for so long that others take it to be gone, or are about to.
    [[nodiscard]] virtual bool silent() const { return false; }

    /// Whether this instance itself stood still for about as long, rather than found nobody to give a sign to.
    [[nodiscard]] virtual bool stalled() const { return false; }

    /// Milliseconds since 1970-01-01 UTC by a clock that all instances have in common; by this machine's, as long as that one is
    /// not known.
    [[nodiscard]] virtual std::int64_t timeOfDayMs() const;

    /// What the others see of this instance from the next sign of life on. Shape: a JSON object.
    virtual void describe(std::string state) = 0;
};

} // namespace tenon::store

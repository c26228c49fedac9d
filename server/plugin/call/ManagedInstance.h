#pragma once

#include "plugin/call/Instance.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::plugin
{

/// A program that is attached.
struct AttachedProgram
{
    std::string title;
    std::int64_t processId = 0;
    std::string user; ///< its number; on Windows the text of its SID
};

/// How long calls wait for the thread of a program that runs them.
struct ThreadWait
{
    std::uint64_t calls = 0;     ///< that wait now
    std::uint64_t longestUs = 0; ///< of them
    std::uint64_t taken = 0;     ///< calls that a thread took
    std::uint64_t takenUs = 0;   ///< what they had waited together

    void add(const ThreadWait& other)
    {
        calls += other.calls;
        longestUs = std::max(longestUs, other.longestUs);
        taken += other.taken;
        takenUs += other.takenUs;
    }
};

/// The state of an instance, for `/stats` and `/ready`.
struct InstanceStatus
{
    std::string state =
        "running";      ///< "running", "restarting", "quarantined", "away" (an attached program, a server behind
                        ///< this one), "degraded" (such a server)
    std::string reason; ///< why it is quarantined, or why its workers ended last
    std::string lacks;  ///< what the plugin says that it lacks; empty: nothing
    std::int64_t processId = 0;            ///< of the (first) worker; 0 in process
    std::uint64_t workers = 0;             ///< processes that it may have; 0 in process
    std::uint64_t workersRunning = 0;      ///< of them, ready for calls
    std::uint64_t crashes = 0;             ///< ends of workers that nobody ordered, `kills` among them
    std::uint64_t kills = 0;               ///< of workers, because a call did not end
    std::uint64_t restarts = 0;            ///< workers started after the first ones
    std::uint64_t residentBytes = 0;       ///< memory of the workers; 0 in process and where the system does not tell
    std::uint64_t printedBytes = 0;        ///< by workers to standard output, which goes to the log
    std::uint64_t callsInside = 0;         ///< entered and not yet out
    std::uint64_t callsWaiting = 0;        ///< for the plugin to be started
    std::uint64_t lostThreads = 0;         ///< in process: threads that calls hold long after their deadline, now
    std::uint64_t everLostThreads = 0;     ///< and since the plugin was loaded, those that came back among them
    std::string lastTrace;                 ///< what the worker that crashed last wrote about it; may be empty
    ThreadWait threadWait;                 ///< in attached programs
    std::vector<AttachedProgram> programs; ///< attached ones, the oldest first
};

/// What an instance passes on to its replacement.
struct Handover
{
    std::string version; ///< of the predecessor's manifest
    std::string state;
};

/// An instance as its manager sees it.
///
/// Threading: `offer` and `start` on the manager's thread for plugins, the rest on any.
class ManagedInstance : public Instance
{
public:
    /// Gets the instance when nobody else holds it any more, on the thread that let go of it last; must not block.
    using Heir = std::function<void(std::unique_ptr<ManagedInstance>)>;

    /// What becomes of this instance instead of its end. The caller lets go of it next.
    void bequeath(Heir heir) { _heir = std::move(heir); }
    [[nodiscard]] Heir takeHeir() { return std::exchange(_heir, nullptr); }

    /// Reads the lists.
    ///
    /// Errors: LoadException.
    [[nodiscard]] virtual Offer offer() = 0;

    /// Starts the plugin. Calls that came before wait until then.
    ///
    /// Shape:  `before` is what the predecessor left, or null.
    /// Errors: LoadException.
    virtual void start(const Handover* before) = 0;

    /// Stops the plugin and gives what it hands to its successor. No call may be inside or come.
    [[nodiscard]] virtual std::string stopAndSave() = 0;

    /// Begins anew what runs elsewhere, lifting a quarantine, and does not wait for it. False: it cannot be.
    [[nodiscard]] virtual bool restart() { return false; }

    /// The process ends soon: code of the plugin is not taken out of its memory any more, where a thread that the plugin
    /// left behind would run into nothing.
    virtual void keepCode() {}

    [[nodiscard]] virtual InstanceStatus status() const = 0;

private:
    Heir _heir;
};

/// Receives news of instances.
///
/// Threading: any thread; must not block.
class InstanceOwner
{
public:
    virtual ~InstanceOwner() = default;

    /// A list of the plugin changed: read its offer again.
    virtual void listChanged(const std::string& plugin) = 0;

    virtual void resourceUpdated(std::string_view uri) = 0;

    /// The workers of the plugin crashed too often and stay down.
    virtual void quarantined(const std::string& plugin, const std::string& reason) = 0;
};

} // namespace tenon::plugin

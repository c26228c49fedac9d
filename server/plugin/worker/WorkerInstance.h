#pragma once

#include "plugin/call/EntryQueue.h"
#include "plugin/call/KeptSubscriptions.h"
#include "plugin/call/PluginThreads.h"
#include "plugin/worker/CrashHistory.h"
#include "plugin/worker/SessionTools.h"
#include "plugin/worker/WaitingCalls.h"
#include "plugin/worker/WorkerPlaces.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace tenon::plugin
{

/// A plugin in worker processes: one, a pool, or a fresh one for each call.
///
/// Calls go to the worker that has the fewest; of a tool that takes one call per session, to the worker that the session
/// always has; orders about resources to the first. A crash ends the calls inside that one worker as failures. Calls that
/// find no worker wait for one. A plugin whose workers crash too often is switched off.
///
/// Threading: as `ManagedInstance`.
class WorkerInstance final : public ManagedInstance,
                             public PlaceOwner,
                             public std::enable_shared_from_this<WorkerInstance>
{
public:
    /// Starts the first worker and returns at once; `offer` waits for it.
    ///
    /// Shape:  `limit` counts the calls inside; null: nothing does.
    /// Errors: LoadException if there is no thread for it.
    WorkerInstance(std::shared_ptr<const WorkerPlan> plan, std::shared_ptr<PluginThreads> threads,
                   std::shared_ptr<PluginLimit> limit);
    ~WorkerInstance() override;

    /// Errors: LoadException if the plugin is refused, crashes or does not answer in time.
    [[nodiscard]] Offer offer() override;

    /// Starts the plugin in the first worker, and then the other workers, which take calls as they come up.
    void start(const Handover* before) override;

    /// The state is the first worker's.
    [[nodiscard]] std::string stopAndSave() override;
    [[nodiscard]] InstanceStatus status() const override;

    [[nodiscard]] const std::string& name() const override { return _plan->config.name; }
    tenon_status enter(Target target, std::uint32_t index, const CallBackendPtr& call) override;
    [[nodiscard]] bool mayBlock() const override { return false; }
    [[nodiscard]] EntryQueue* queue() const override { return _entries.get(); }
    void subscribe(std::string uri, OrderDone done) override;
    void unsubscribe(std::string uri) override;

private:
    using Clock = std::chrono::steady_clock;

    void ready(WorkerPlace& place, Offer offer) override;
    void started(WorkerPlace& place) override;
    void saved(WorkerPlace& place, std::string state) override;
    void listChanged() override;
    void resourceUpdated(std::string_view uri) override;
    void lacking(std::string what) override;
    void looked() override;
    [[nodiscard]] std::optional<Clock::duration> ended(WorkerPlace& place, const WorkerEnd& end) override;
    void left() override;

    [[nodiscard]] std::optional<std::size_t> placeFor(Target target, std::uint32_t index,
                                                      const CallBackend& call) const;
    [[nodiscard]] bool keepWaiting(WaitingCalls::Call call, std::string& refusal);
    [[nodiscard]] std::string refusalNow() const;
    void serveWaiting();
    void startOthers();
    [[nodiscard]] std::optional<Clock::duration> crashed(const WorkerEnd& end, std::string& switchedOff);
    void switchOff(const std::string& reason);

    // Constant after construction, or synchronised by themselves.
    const std::shared_ptr<const WorkerPlan> _plan;
    const std::shared_ptr<PluginThreads> _threads;
    const std::shared_ptr<EntryQueue> _entries;
    const std::shared_ptr<KeptSubscriptions> _subscriptions;
    SessionTools _sessionTools;

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _changed;
    enum class Life
    {
        LOADING, ///< the first worker has never been ready
        LOADED,
        RUNNING, ///< some worker has been
        REFUSED,
        SWITCHED_OFF, ///< crashed too often
        STOPPING
    } _life = Life::LOADING;
    std::string _lacks;  ///< what the plugin says
    std::string _reason; ///< why it is refused or switched off, or why the last worker ended
    std::string _lastTrace;
    std::string _forCallers;
    bool _startWanted = false;
    bool _offerFresh = false;
    Offer _offer;
    std::optional<Handover> _handover; ///< for the first start of each place
    std::set<std::size_t> _everStarted;
    std::string _saved;
    std::size_t _left = 0; ///< places whose last worker has ended
    CrashHistory _history;
    std::size_t _unavailable = 0; ///< times in a row that the system had nothing for a worker
    std::uint64_t _crashes = 0, _kills = 0;
    WaitingCalls _waiting;
    std::uint64_t _arrivals = 0; ///< of workers, or calls, that may make a pair

    WorkerPlaces _places; ///< last: their threads use all else. Added to with `_mutex`
};

} // namespace tenon::plugin

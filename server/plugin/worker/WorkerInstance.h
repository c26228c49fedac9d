#pragma once

#include "plugin/call/PluginThreads.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/process/Library.h"
#include "plugin/worker/InFlightCalls.h"
#include "plugin/worker/channel/FrameChannel.h"
#include "plugin/worker/channel/FrameSplitter.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace tenon::plugin
{

/// A plugin in a worker process, and the thread that looks after it: starts it, takes its frames, starts it again when
/// it has crashed, gives up when it crashes too often, kills it when a call does not end.
///
/// A crash ends the calls that were inside as failures; calls that come while the worker is being started wait for it.
///
/// Threading: as `ManagedInstance`.
class WorkerInstance final : public ManagedInstance, public std::enable_shared_from_this<WorkerInstance>
{
public:
    /// Starts the worker and returns at once; `offer` waits for it.
    WorkerInstance(const PluginConfig& config, std::shared_ptr<LibraryImage> image,
                   std::shared_ptr<PluginThreads> threads, std::string executable);
    ~WorkerInstance() override;

    /// Errors: LoadException if the plugin is refused, crashes or does not answer in time.
    [[nodiscard]] Offer offer() override;
    void start(const Handover* before) override;
    [[nodiscard]] std::string stopAndSave() override;
    [[nodiscard]] InstanceStatus status() const override;

    [[nodiscard]] const std::string& name() const override { return _config.name; }
    tenon_status enter(Target target, std::uint32_t index, const CallBackendPtr& call) override;
    [[nodiscard]] bool mayBlock() const override { return false; }
    tenon_status subscribe(std::string_view uri) override;
    void unsubscribe(std::string_view uri) override;

private:
    using Clock = std::chrono::steady_clock;

    enum class State
    {
        LOADING, ///< a worker is being started or loads the plugin
        LOADED,  ///< has made its offer
        STARTING,
        RUNNING,
        DOWN,       ///< crashed, waits to be started again
        REFUSED,    ///< could not be loaded the first time
        QUARANTINED ///< crashed too often
    };
    struct Waiting
    {
        Target target;
        std::uint32_t index;
        CallBackendPtr call;
        std::shared_ptr<void> keep; ///< this instance: a call that waits must not be lost with it
    };

    void supervise();
    std::string runOnce();
    void sendInit();
    void sendStart();
    void sendCall(Target target, std::uint32_t index, const CallBackendPtr& call, std::uint64_t id);
    void handle(const Frame& frame);
    void handleCall(const Frame& frame);
    void handleQuestion(CallBackend& call, const Frame& frame, FieldReader& in);
    void ready(const Frame& frame);
    void started();
    void endWaiting(const std::string& message);
    void failInFlight(const std::string& cause);
    bool mayRestart(std::string& reason, Clock::duration& pause);
    void sweep(WorkerProcess& process);
    void setState(State state, const std::string& reason = {});
    [[nodiscard]] std::shared_ptr<FrameChannel> channel() const;

    // Constant after construction, or synchronised by themselves.
    const PluginConfig _config;
    const std::shared_ptr<LibraryImage> _image;
    const std::shared_ptr<PluginThreads> _threads;
    const std::string _executable;
    InFlightCalls _inFlight;

    // Of the supervising thread alone.
    FrameSplitter _splitter;
    std::deque<Clock::time_point> _crashTimes;
    std::string _killedBecause, _refusedBecause;
    bool _everRan = false;

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _changed;
    State _state = State::LOADING;
    std::string _reason;
    bool _stopping = false;
    bool _startWanted = false;
    bool _offerFresh = false;
    std::unique_ptr<Handover> _handover; ///< for the first start
    std::string _saved;
    Offer _offer;
    std::shared_ptr<FrameChannel> _channel;
    int _processId = 0;
    std::uint64_t _crashes = 0, _kills = 0, _restarts = 0, _printedBytes = 0;
    std::deque<Waiting> _waiting;
    std::set<std::string> _subscribed;
    std::map<std::uint64_t, tenon_status> _requests; ///< TENON_ASYNC until they are answered
    std::uint64_t _lastRequest = 0;

    std::thread _supervisor; ///< last: starts when all else is there
};

} // namespace tenon::plugin

#pragma once

#include "base/limits/Budget.h"
#include "plugin/call/ManagedInstance.h"
#include "plugin/worker/WorkerCalls.h"
#include "plugin/worker/WorkerPlan.h"
#include "plugin/worker/channel/FrameChannel.h"
#include "plugin/worker/channel/FrameSplitter.h"
#include "plugin/worker/process/WorkerOutput.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::plugin
{

/// How a worker's process ended.
struct WorkerEnd
{
    enum class Kind
    {
        ORDERED,    ///< it was told to
        REFUSED,    ///< the plugin cannot be loaded or started
        CRASHED,    ///< by itself
        KILLED,     ///< for what it did or did not
        UNAVAILABLE ///< the system had nothing for it: no fault of the plugin
    };
    Kind kind = Kind::CRASHED;
    std::string cause;      ///< for the operator
    bool hadCalls = false;  ///< some were inside
    std::string trace = {}; ///< what it wrote about its crash
};

/// What a worker reports that concerns no call.
///
/// Threading: on the thread that runs the worker.
class WorkerNews
{
public:
    virtual ~WorkerNews() = default;
    virtual void ready(Offer offer) = 0;
    virtual void started() = 0;
    virtual void saved(std::string state) = 0;
    virtual void listChanged() = 0;
    virtual void resourceUpdated(std::string_view uri) = 0;
    virtual void lacking(std::string what) = 0;
    virtual void looked() = 0; ///< now and then, while it runs
};

/// One worker from its start to its end: its process, what it prints, its channel, the calls inside.
///
/// Threading: `run` on one thread, the rest on any.
class RunningWorker
{
public:
    /// Starts the process.
    ///
    /// Ownership: borrows `news` until `run` has returned.
    /// Errors:    Poco::SystemException.
    RunningWorker(std::shared_ptr<const WorkerPlan> plan, WorkerNews& news);
    RunningWorker(const RunningWorker&) = delete;
    RunningWorker& operator=(const RunningWorker&) = delete;

    /// Takes what the worker sends, until it has ended. No call enters any more then; `failCalls` is due.
    [[nodiscard]] WorkerEnd run();

    /// Tells the calls that were inside.
    void failCalls(const WorkerEnd& end);

    /// Enters the plugin; false if the worker does not take calls (any more).
    ///
    /// Shape: `onlyOne`: not if it has had a call before.
    [[nodiscard]] bool enter(Target target, std::uint32_t index, const CallBackendPtr& call, std::shared_ptr<void> keep,
                             bool onlyOne);

    void start(const Handover* before); ///< after `ready`
    void readOffer();                   ///< again; answered by `ready`
    void stop();                        ///< hands over its state and ends, or is killed

    [[nodiscard]] bool isRunning() const;
    [[nodiscard]] std::size_t callsInside() const { return _calls.size(); }
    [[nodiscard]] int processId() const noexcept { return _processId.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t printedBytes() const noexcept { return _printed.load(std::memory_order_relaxed); }

private:
    RunningWorker(std::shared_ptr<const WorkerPlan> plan, WorkerNews& news, std::pair<int, int> ends);

    using Clock = std::chrono::steady_clock;

    enum class State
    {
        LOADING,
        STARTING, ///< or waiting to be told to
        RUNNING,
        ENDING, ///< was told to stop
        ENDED
    };

    void sendInit();
    void serve();
    FrameChannel::Received receive();
    void handle(const Frame& frame);
    void look(Clock::time_point now);
    void kill(const std::string& why);
    void endForWantOfMemory() noexcept;
    void count();
    void endIfUsed();
    [[nodiscard]] WorkerEnd end();
    void setState(State state);

    // Constant after construction, or synchronised by themselves.
    const std::shared_ptr<const WorkerPlan> _plan;
    WorkerNews& _news;
    FrameChannel _channel;
    std::unique_ptr<FrameChannel> _theirs; ///< the worker's end, until it has it
    WorkerOutput _output;                  ///< of the running thread
    WorkerProcess _process;
    WorkerCalls _calls;
    std::atomic<int> _processId{0};
    std::atomic<std::uint64_t> _printed{0};
    const Clock::time_point _begin = Clock::now();

    // Of the running thread alone.
    FrameSplitter _splitter;
    base::BudgetShare _held;
    std::string _killedBecause, _refusedBecause;
    Clock::time_point _stopSince{};
    bool _endsNow = false;     ///< has had its one call
    bool _lacksMemory = false; ///< the server, for what the worker said

    mutable std::mutex _mutex; // guards all below
    State _state = State::LOADING;
    bool _hadCall = false;
};

} // namespace tenon::plugin

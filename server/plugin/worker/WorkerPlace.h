#pragma once

#include "plugin/worker/RunningWorker.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace tenon::plugin
{

class WorkerPlace;

/// The owner of all places of a pool.
///
/// Threading: on the threads of the places, several at once.
class PlaceOwner
{
public:
    virtual ~PlaceOwner() = default;
    virtual void ready(WorkerPlace& place, Offer offer) = 0;
    virtual void started(WorkerPlace& place) = 0;
    virtual void saved(WorkerPlace& place, std::string state) = 0;
    virtual void listChanged() = 0;
    virtual void resourceUpdated(std::string_view uri) = 0;
    virtual void lacking(std::string what) = 0;
    virtual void looked() = 0; ///< now and then, also while no worker runs

    /// How long to wait before the next worker; nothing if there is to be none.
    [[nodiscard]] virtual std::optional<std::chrono::steady_clock::duration> ended(WorkerPlace& place,
                                                                                   const WorkerEnd& end) = 0;

    /// There is none any more, and will be none.
    virtual void left() = 0;
};

/// One place of a pool: a thread that runs one worker after the other.
///
/// Threading: any thread.
class WorkerPlace final : public WorkerNews
{
public:
    /// Starts the first worker and returns at once.
    ///
    /// Errors:    std::system_error if there is no thread for it.
    /// Ownership: borrows `owner`.
    WorkerPlace(std::size_t index, std::shared_ptr<const WorkerPlan> plan, PlaceOwner& owner);

    ~WorkerPlace() override;
    WorkerPlace(const WorkerPlace&) = delete;
    WorkerPlace& operator=(const WorkerPlace&) = delete;

    [[nodiscard]] std::size_t index() const noexcept { return _index; }

    /// The worker that runs now; null between two.
    [[nodiscard]] std::shared_ptr<RunningWorker> worker() const;

    /// Stops the worker, and starts no other.
    void leave();

    /// Waits until nothing runs here any more, after `leave`. The others of the pool must still be there: this one may
    /// look at them until then.
    void join();

    /// Workers started after the first one, and what all of them printed.
    [[nodiscard]] std::uint64_t restarts() const noexcept { return _restarts.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t printedBytes() const;

private:
    void supervise();
    [[nodiscard]] WorkerEnd runOne();
    [[nodiscard]] bool pause(std::chrono::steady_clock::duration time);

    void ready(Offer offer) override { _owner.ready(*this, std::move(offer)); }
    void started() override { _owner.started(*this); }
    void saved(std::string state) override { _owner.saved(*this, std::move(state)); }
    void listChanged() override { _owner.listChanged(); }
    void resourceUpdated(std::string_view uri) override { _owner.resourceUpdated(uri); }
    void lacking(std::string what) override { _owner.lacking(std::move(what)); }
    void looked() override { _owner.looked(); }

    const std::size_t _index;
    const std::shared_ptr<const WorkerPlan> _plan;
    PlaceOwner& _owner;
    std::atomic<std::uint64_t> _restarts{0};

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _left;
    bool _leaving = false;
    std::shared_ptr<RunningWorker> _worker;
    std::uint64_t _printedBefore = 0; ///< by workers that have ended

    std::thread _thread; ///< last: starts when all else is there
};

} // namespace tenon::plugin

#pragma once

#include "plugin/worker/WaitingCalls.h"
#include "plugin/worker/WorkerPlace.h"

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace tenon::plugin
{

/// The places of one plugin's workers, and who of them gets a call.
///
/// Threading: any thread; `add` by one at a time.
/// Ownership: the threads of the places use their owner: `join` before that ends.
class WorkerPlaces
{
public:
    explicit WorkerPlaces(std::shared_ptr<const WorkerPlan> plan);

    /// Errors: std::system_error if there is no thread for it.
    void add(PlaceOwner& owner);

    [[nodiscard]] WorkerPlace& first() const { return *_places.front(); }
    [[nodiscard]] std::size_t count() const { return _count.load(std::memory_order_acquire); }

    template <typename Work>
    void forEach(Work work) const
    {
        const auto places = count();
        for (std::size_t index = 0; index < places; ++index)
            work(*_places[index]);
    }

    /// Gives the call to the worker with the fewest, or, if that one has just ended, to any. False: none takes it.
    [[nodiscard]] bool enter(const WaitingCalls::Call& call) const;

    /// Every worker is to end; `join` waits for it.
    void leave() const;
    void join() const;

private:
    const std::shared_ptr<const WorkerPlan> _plan;
    std::vector<std::unique_ptr<WorkerPlace>> _places; ///< never beyond its capacity
    std::atomic<std::size_t> _count{0};                ///< those that are there for everybody
};

} // namespace tenon::plugin

#include "plugin/worker/WorkerPlaces.h"

#include "base/threads/ThreadRoot.h"

#include <limits>
#include <utility>

namespace tenon::plugin
{

WorkerPlaces::WorkerPlaces(std::shared_ptr<const WorkerPlan> plan) : _plan(std::move(plan))
{
    _places.reserve(_plan->config.workers.processes);
}

void WorkerPlaces::add(PlaceOwner& owner)
{
    _places.push_back(std::make_unique<WorkerPlace>(_places.size(), _plan, owner));
    _count.store(_places.size(), std::memory_order_release);
}

bool WorkerPlaces::enter(const WaitingCalls::Call& call) const
{
    const bool fresh = _plan->config.workers.fresh;
    const auto enter = [&](RunningWorker& worker)
    { return worker.enter(call.target, call.index, call.call, call.keep, fresh); };
    const auto mayHave = [&](const WorkerPlace& place) { return !call.place || *call.place == place.index(); };

    std::shared_ptr<RunningWorker> best;
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    forEach(
        [&](const WorkerPlace& place)
        {
            if (!mayHave(place))
                return;
            auto worker = place.worker();
            if (!worker || !worker->isRunning() || worker->callsInside() >= fewest)
                return;
            fewest = worker->callsInside();
            best = std::move(worker);
        });
    if (!best)
        return false;
    bool entered = enter(*best);
    forEach(
        [&](const WorkerPlace& place)
        {
            if (entered || !mayHave(place))
                return;
            if (const auto worker = place.worker())
                entered = enter(*worker);
        });
    return entered;
}

void WorkerPlaces::leave() const
{
    // Each by itself: for want of memory a worker may not hear of it, which is ended in time all the same.
    forEach([](WorkerPlace& place) { base::threadRoot("the end of a worker", [&] { place.leave(); }); });
}

void WorkerPlaces::join() const
{
    forEach([](WorkerPlace& place) { place.join(); });
}

} // namespace tenon::plugin

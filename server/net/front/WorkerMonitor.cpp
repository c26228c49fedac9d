// The monitor of the worker threads.
#include "base/LostThreads.h"
#include "net/front/Connection.h"
#include "net/front/WorkerPool.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::chrono::milliseconds TICK{2};
constexpr int QUIET_TICKS = 50; // then the monitor sleeps until there is work
constexpr std::size_t SERVED_A_TICK = 256;

} // namespace

void WorkerPool::wakeMonitor()
{
    {
        const std::lock_guard lock(_mutex);
        _monitorSleeps.store(false);
    }
    _wake.notify_one();
}

void WorkerPool::monitor()
{
    std::unique_ptr<Scratch> scratch; // made when there is need for it
    int quiet = 0;
    while (!_stopping.load())
    {
        {
            std::unique_lock lock(_mutex);
            if (quiet < QUIET_TICKS)
            {
                if (!_saturated.load())
                    _wake.wait_for(lock, TICK, [this] { return _stopping.load(); });
            }
            else
            {
                _monitorSleeps.store(true);
                const bool busy = std::any_of(_workers.begin(), _workers.end(),
                                              [](const auto& worker) { return (worker->activity.load() & 1) != 0; });
                if (!busy)
                    _wake.wait(lock, [this] { return _stopping.load() || !_monitorSleeps.load(); });
                _monitorSleeps.store(false);
                quiet = 0;
            }
        }
        look();
        bool working = _ready.load() != 0 || _saturated.load();
        {
            const std::lock_guard lock(_mutex);
            for (const auto& worker : _workers)
                working = working || worker->stuck || worker->activity.load() != worker->seen;
        }
        working = working || _surplus.load() > 0;
        quiet = working ? 0 : quiet + 1;
        if (_saturated.load() && !_stopping.load())
        {
            if (!scratch)
            {
                scratch = std::make_unique<Scratch>();
                scratch->mayBlock = false;
            }
            serveWithoutThreads(*scratch);
        }
    }
}

void WorkerPool::look()
{
    std::vector<std::uint64_t> orphans;
    bool wake = false;
    {
        const std::lock_guard lock(_mutex);
        std::size_t stuck = 0, alive = 0, most = _most;
        for (const auto& worker : _workers)
        {
            if (worker->ended)
                continue;
            ++alive;
            const std::uint32_t activity = worker->activity.load();
            worker->stuck = (activity & 1) != 0 && activity == worker->seen;
            worker->seen = activity;
            if (!worker->stuck)
                continue;
            ++stuck;
            if (base::LostThreads::instance().contains(worker->thread.get_id()))
                ++most;
            std::uint64_t event = 0;
            while (take(*worker, event))
            {
                _queue.push_back(event);
                _ready.fetch_add(1);
                wake = true;
            }
        }
        const std::size_t healthy = alive - stuck;
        for (std::size_t i = healthy; i < _base && alive < most; ++i, ++alive)
            addThread();
        _surplus.store(healthy > _base ? static_cast<std::int32_t>(healthy - _base) : 0);
        wake = wake || healthy > _base;
        _saturated.store(healthy == 0 && alive >= most && stuck == alive);
    }
    reap();
    if (wake)
        _front.poller.wake();
}

void WorkerPool::reap()
{
    std::vector<std::unique_ptr<Worker>> ended;
    {
        const std::lock_guard lock(_mutex);
        const auto first =
            std::stable_partition(_workers.begin(), _workers.end(), [](const auto& worker) { return !worker->ended; });
        std::move(first, _workers.end(), std::back_inserter(ended));
        _workers.erase(first, _workers.end());
    }
    for (const auto& worker : ended)
        worker->thread.join();
}

void WorkerPool::serveWithoutThreads(Scratch& scratch)
{
    std::array<Poller::Event, BATCH> events;
    const bool more = _flushes.load() != 0;
    const std::size_t count = _front.poller.wait(events.data(), BATCH, more ? 0 : static_cast<int>(TICK.count()));
    for (std::size_t i = 0; i < count; ++i)
        serve(events[i].ref, events[i].bits, scratch);
    for (std::size_t i = 0; i < SERVED_A_TICK && serveQueued(scratch); ++i)
        continue;
    serveFlushes(scratch);
    refuseOverdue();
}

void WorkerPool::refuseOverdue()
{
    const auto now = std::chrono::steady_clock::now();
    for (;;)
    {
        ConnectionRef ref;
        {
            const std::lock_guard lock(_mutex);
            if (_parked.empty() || _parked.front().until > now)
                return;
            ref = _parked.front().ref;
            _parked.pop_front();
            _reserved.fetch_sub(1);
            _ready.fetch_sub(1);
        }
        _front.metrics.queued.add(-1);
        _front.table.owned(ref).refuseParked();
        // The owner lets go as after any answer; what follows is an event like others.
        std::uint8_t bits = 0;
        _front.table.release(ref, bits);
        kick(ref, RESUME);
    }
}

} // namespace tenon::net

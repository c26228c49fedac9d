#include "net/front/WorkerMonitor.h"

#include "base/threads/LostThreads.h"
#include "base/threads/ThreadRoot.h"
#include "net/io/Processors.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::chrono::milliseconds TICK{2};
constexpr int QUIET_TICKS = 50; // then the monitor sleeps until there is work
constexpr std::size_t SERVED_A_TICK = 256;

} // namespace

WorkerMonitor::WorkerMonitor(FrontState& front, WorkQueue& queue, ConnectionDriver& driver)
    : _front(front), _queue(queue), _driver(driver),
      _base(front.settings.threads != 0 ? front.settings.threads : usableProcessors()),
      _most(std::max(_base, static_cast<std::size_t>(front.params->getMaxThreads())))
{
}

void WorkerMonitor::start()
{
    for (std::size_t i = 0; i < _base; ++i)
    {
        bool refused = false;
        if (!addThread(refused) && _workers.empty())
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                    "no thread can be started");
    }
    _thread = std::thread([this] { base::steadyThreadRoot("the monitor of the serving threads", [this] { run(); }); });
}

void WorkerMonitor::stop()
{
    if (_signals.stopping.exchange(true))
        return;
    _signals.wakeMonitor();
    if (_thread.joinable())
        _thread.join();
    _front.poller.wake();
    for (const auto& worker : _workers) // nobody else changes the list any more
        worker->join();
    _workers.clear();
}

void WorkerMonitor::count(std::ptrdiff_t more)
{
    _alive.fetch_add(static_cast<std::size_t>(more), std::memory_order_relaxed);
    _front.metrics.threads.set(static_cast<std::int64_t>(threads()));
}

bool WorkerMonitor::addThread(bool& refused) noexcept
{
    try
    {
        _workers.push_back(std::make_unique<Worker>(_front, _queue, _driver, _signals));
        try
        {
            _workers.back()->start();
        }
        catch (...)
        {
            _workers.pop_back();
            throw;
        }
        count(1);
        return true;
    }
    catch (const std::exception& exc) // std::system_error at a limit of processes, std::bad_alloc
    {
        refused = true;
        if (!std::exchange(_toldOfRefusal, true))
            base::threadRoot("a warning",
                             [&] {
                                 Poco::Logger::get("tenon.net")
                                     .warning(std::string("the system refuses another thread: ") + exc.what());
                             });
        return false;
    }
}

void WorkerMonitor::rest(int quiet)
{
    std::unique_lock lock(_signals.mutex);
    const auto stopping = [this] { return _signals.stopping.load(); };
    if (quiet < QUIET_TICKS)
    {
        if (!_saturated)
            _signals.wake.wait_for(lock, TICK, stopping);
        return;
    }
    _signals.monitorSleeps.store(true);
    const bool busy =
        std::any_of(_workers.begin(), _workers.end(), [](const auto& worker) { return worker->serves(); });
    if (!busy && !_queue.hasEvents() && !_queue.hasFlushes())
        _signals.wake.wait(lock, [&] { return stopping() || !_signals.monitorSleeps.load(); });
    _signals.monitorSleeps.store(false);
}

bool WorkerMonitor::working()
{
    return _queue.hasEvents() || _queue.hasFlushes() || _saturated || _signals.surplus.load() > 0 ||
           std::any_of(_workers.begin(), _workers.end(),
                       [](const auto& worker) { return worker->stuck() || worker->moved(); });
}

void WorkerMonitor::run()
{
    Scratch scratch;
    scratch.mayBlock = false;
    int quiet = 0;
    while (!_signals.stopping.load())
    {
        rest(quiet);
        if (quiet >= QUIET_TICKS)
            quiet = 0;
        look();
        quiet = working() ? 0 : quiet + 1;
        if (_saturated && !_signals.stopping.load())
            serveWithoutThreads(scratch);
    }
}

void WorkerMonitor::handOn(Worker& worker)
{
    WorkQueue::Event event;
    while (worker.takeNext(event))
        _queue.push(event.ref, event.bits);
}

void WorkerMonitor::look() noexcept
{
    std::size_t stuck = 0, alive = 0, most = _most;
    for (const auto& worker : _workers)
    {
        if (worker->ended())
            continue;
        ++alive;
        const bool isStuck = worker->look();
        if (worker->serves()) // a call that goes on may have told of its progress
            _driver.sendGathered(worker->serving());
        if (worker->leavesLane())
            _queue.leaveLane();
        if (!isStuck)
            continue;
        ++stuck;
        if (base::LostThreads::instance().contains(worker->id()))
            ++most;
        handOn(*worker);
        if (const ConnectionRef ref = worker->serving(); ref != 0)
            _driver.takeOver(ref);
    }
    const std::size_t healthy = alive - stuck;
    bool refused = false;
    for (std::size_t i = healthy; i < _base && alive < most && !refused; ++i)
        if (addThread(refused))
            ++alive;
    const bool tooMany = healthy > _base;
    _signals.surplus.store(tooMany ? static_cast<std::int32_t>(healthy - _base) : 0);
    _saturated = healthy == 0 && stuck == alive && (alive >= most || refused);
    reap();
    if (tooMany || _queue.hasEvents() || _queue.hasFlushes())
        _front.poller.wake();
}

void WorkerMonitor::reap() noexcept
{
    // Split once: a thread may end between two looks.
    const auto ended =
        std::stable_partition(_workers.begin(), _workers.end(), [](const auto& worker) { return !worker->ended(); });
    for (auto worker = ended; worker != _workers.end(); ++worker)
    {
        (*worker)->join();
        count(-1);
    }
    _workers.erase(ended, _workers.end());
}

void WorkerMonitor::serveWithoutThreads(Scratch& scratch) noexcept
{
    const bool more = _queue.hasFlushes() || _queue.turns().size() != 0;
    gather(_front, _driver, more ? std::chrono::milliseconds(0) : TICK);
    for (std::size_t i = 0; i < SERVED_A_TICK && serveQueued(_front, _queue, _driver, scratch); ++i)
        continue;
    TurnClock clock;
    const auto until = clock.now + TICK;
    while (clock.now < until && serveTurn(_queue, _driver, scratch, clock))
        continue;
    serveLarge(_queue, _driver, scratch, _inLane);
    serveFlushes(_queue, _driver, scratch);
    refuseOverdue(scratch);
}

void WorkerMonitor::refuseOverdue(Scratch& scratch) noexcept
{
    ConnectionRef ref = 0;
    while (_queue.popOverdue(WorkQueue::Clock::now(), ref))
        _driver.refuse(ref, scratch);
}

} // namespace tenon::net

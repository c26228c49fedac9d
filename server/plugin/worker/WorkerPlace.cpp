#include "plugin/worker/WorkerPlace.h"

#include "base/threads/ThreadRoot.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <utility>

namespace tenon::plugin
{

namespace
{
constexpr std::chrono::milliseconds LOOK{100}; // while no worker runs
} // namespace

WorkerPlace::WorkerPlace(std::size_t index, std::shared_ptr<const WorkerPlan> plan, PlaceOwner& owner)
    : _index(index), _plan(std::move(plan)), _owner(owner),
      _thread([this] { base::steadyThreadRoot("the supervision of a worker", [this] { supervise(); }); })
{
}

WorkerPlace::~WorkerPlace()
{
    leave();
    join();
}

void WorkerPlace::join()
{
    if (_thread.joinable())
        _thread.join();
}

std::shared_ptr<RunningWorker> WorkerPlace::worker() const
{
    std::lock_guard lock(_mutex);
    return _worker;
}

void WorkerPlace::leave()
{
    std::lock_guard lock(_mutex);
    if (std::exchange(_leaving, true))
        return;
    if (_worker)
        _worker->stop();
    _left.notify_all();
}

std::uint64_t WorkerPlace::printedBytes() const
{
    std::lock_guard lock(_mutex);
    return _printedBefore + (_worker ? _worker->printedBytes() : 0);
}

void WorkerPlace::supervise()
{
    for (;;)
    {
        const WorkerEnd end = runOne();
        std::shared_ptr<RunningWorker> ended;
        {
            std::lock_guard lock(_mutex);
            if (_worker)
                _printedBefore += _worker->printedBytes();
            ended.swap(_worker);
        }
        // Before the callers are told, so that who looks afterwards finds what became of the plugin.
        const auto time = _owner.ended(*this, end);
        if (ended)
            ended->failCalls(end);
        ended.reset();
        if (!time || !pause(*time))
        {
            _owner.left();
            return;
        }
        ++_restarts;
    }
}

WorkerEnd WorkerPlace::runOne()
{
    std::string cause;
    try
    {
        const auto worker = std::make_shared<RunningWorker>(_plan, *this);
        {
            std::lock_guard lock(_mutex);
            _worker = worker;
            if (_leaving)
                worker->stop();
        }
        return worker->run();
    }
    catch (const Poco::Exception& exc) // no descriptor, no process
    {
        cause = exc.displayText();
    }
    catch (const std::exception& exc) // no memory
    {
        cause = exc.what();
    }
    return {WorkerEnd::Kind::UNAVAILABLE, cause, false};
}

/// False if there is to be no other worker.
bool WorkerPlace::pause(std::chrono::steady_clock::duration time)
{
    const auto until = std::chrono::steady_clock::now() + time;
    std::unique_lock lock(_mutex);
    while (!_leaving)
    {
        const auto now = std::chrono::steady_clock::now();
        if (now >= until)
            return true;
        _left.wait_until(lock, std::min(until, now + LOOK));
        lock.unlock();
        _owner.looked();
        lock.lock();
    }
    return false;
}

} // namespace tenon::plugin

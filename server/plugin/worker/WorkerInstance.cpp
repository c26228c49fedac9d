#include "plugin/worker/WorkerInstance.h"

#include "base/threads/ThreadRoot.h"
#include "plugin/call/LoadException.h"
#include "plugin/call/PluginLog.h"
#include "plugin/worker/Workers.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <system_error>
#include <utility>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;

constexpr auto STATE_TIMEOUT = 5s;

} // namespace

std::shared_ptr<ManagedInstance> makeWorkerInstance(const WorkerPlan& plan,
                                                    const std::shared_ptr<PluginThreads>& threads,
                                                    const std::shared_ptr<PluginLimit>& limit)
{
    return threads->adopt(std::make_unique<WorkerInstance>(std::make_shared<const WorkerPlan>(plan), threads, limit));
}

WorkerInstance::WorkerInstance(std::shared_ptr<const WorkerPlan> plan, std::shared_ptr<PluginThreads> threads,
                               std::shared_ptr<PluginLimit> limit)
    : _plan(std::move(plan)), _threads(std::move(threads)),
      _entries(std::make_shared<EntryQueue>(EntryQueue::Concurrency::PARALLEL, 0, _plan->config.maxQueued,
                                            limit ? limit : std::make_shared<PluginLimit>(0))),
      _subscriptions(std::make_shared<KeptSubscriptions>(
          std::make_shared<SubscriptionOrders>(_threads, limit ? limit : std::make_shared<PluginLimit>(0),
                                               _plan->config.maxQueued, _plan->config.orderTimeout()))),
      _history(_plan->config.maxCrashes, std::chrono::milliseconds(_plan->config.crashWindowMs)), _places(_plan)
{
    try
    {
        const std::lock_guard lock(_mutex); // its thread must not look before it is there
        _places.add(*this);
    }
    catch (const std::system_error& exc)
    {
        throw LoadException(std::string("no thread could be started for its worker: ") + exc.what());
    }
}

WorkerInstance::~WorkerInstance()
{
    {
        std::lock_guard lock(_mutex);
        _life = Life::STOPPING;
        _changed.notify_all();
    }
    _places.leave();
    _places.join();
    for (const auto& call : _waiting.takeAll())
        base::threadRoot("the end of a call",
                         [&] { call.call->fail(FAILED_BY_HOST, "the plugin '" + name() + "' is being stopped"); });
}

// ---- its life

Offer WorkerInstance::offer()
{
    const auto first = _places.first().worker();
    std::unique_lock lock(_mutex);
    if (_life == Life::RUNNING && first && first->isRunning())
    {
        _offerFresh = false;
        first->readOffer();
    }
    const auto known = [this] { return _offerFresh || _life >= Life::REFUSED; };
    if (!_changed.wait_for(lock, std::chrono::milliseconds(_plan->config.loadTimeoutMs), known))
        throw LoadException("it took longer than " + std::to_string(_plan->config.loadTimeoutMs) +
                            " ms to list what it offers" + (_reason.empty() ? std::string() : ": " + _reason));
    if (!_offerFresh)
        throw LoadException(_reason);
    return _offer;
}

void WorkerInstance::start(const Handover* before)
{
    const auto first = _places.first().worker();
    {
        std::unique_lock lock(_mutex);
        _startWanted = true;
        if (before)
            _handover = *before;
        if (_life == Life::LOADED && first)
            first->start(before);
        const auto known = [this] { return _life >= Life::RUNNING; };
        if (!_changed.wait_for(lock, std::chrono::milliseconds(_plan->config.loadTimeoutMs), known))
            throw LoadException("its start did not return within " + std::to_string(_plan->config.loadTimeoutMs) +
                                " ms");
        if (_life != Life::RUNNING)
            throw LoadException(_reason);
    }
    startOthers();
}

/// The rest of the pool.
void WorkerInstance::startOthers()
{
    for (std::size_t index = 1; index < _plan->config.workers.processes; ++index)
    {
        try
        {
            const std::lock_guard lock(_mutex);
            _places.add(*this);
        }
        catch (const std::system_error& exc)
        {
            logOfPlugin(name(), TENON_LOG_WARNING,
                        "it has " + std::to_string(index) + " workers and no thread for another: " + exc.what());
            return;
        }
    }
}

std::string WorkerInstance::stopAndSave()
{
    {
        std::lock_guard lock(_mutex);
        if (_life != Life::RUNNING)
            return {};
        _life = Life::STOPPING;
    }
    _places.leave();
    std::unique_lock lock(_mutex);
    _changed.wait_for(lock, STATE_TIMEOUT, [this] { return _left >= _places.count(); });
    return _saved;
}

InstanceStatus WorkerInstance::status() const
{
    InstanceStatus status;
    _places.forEach(
        [&](const WorkerPlace& place)
        {
            const auto worker = place.worker();
            ++status.workers;
            status.restarts += place.restarts();
            status.printedBytes += place.printedBytes();
            if (!worker)
                return;
            status.workersRunning += worker->isRunning() ? 1 : 0;
            status.callsInside += worker->callsInside();
            status.residentBytes += residentBytesOf(worker->processId());
            if (status.processId == 0)
                status.processId = worker->processId();
        });
    std::lock_guard lock(_mutex);
    status.state = _life == Life::SWITCHED_OFF ? "quarantined" : status.workersRunning > 0 ? "running" : "restarting";
    status.reason = _reason;
    status.lastTrace = _lastTrace;
    status.lacks = _lacks;
    status.crashes = _crashes;
    status.kills = _kills;
    status.callsWaiting = _waiting.size();
    return status;
}

// ---- calls

/// The worker that alone may have the call; nothing if any may.
std::optional<std::size_t> WorkerInstance::placeFor(Target target, std::uint32_t index, const CallBackend& call) const
{
    if (_plan->config.workers.fresh || _plan->config.workers.processes == 1)
        return {};
    if (target == Target::SUBSCRIBE || target == Target::UNSUBSCRIBE)
        return 0;
    if (target != Target::TOOL || !_sessionTools.contains(index))
        return {};
    const CallOrigin origin = call.origin();
    const auto session = origin.session.empty() ? origin.principal : origin.session;
    return std::hash<std::string_view>()(session) % _plan->config.workers.processes;
}

tenon_status WorkerInstance::enter(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    WaitingCalls::Call entry{target, index, call, placeFor(target, index, *call), shared_from_this()};
    if (_places.enter(entry))
        return TENON_ASYNC;
    std::string refusal;
    if (keepWaiting(std::move(entry), refusal))
    {
        serveWaiting(); // one may have come up meanwhile
        return TENON_ASYNC;
    }
    call->fail(FAILED_BY_HOST, refusal);
    return TENON_OK;
}

bool WorkerInstance::keepWaiting(WaitingCalls::Call call, std::string& refusal)
{
    std::lock_guard lock(_mutex);
    refusal = refusalNow();
    if (refusal.empty() && _waiting.size() >= _plan->config.maxQueued)
        refusal = "the plugin '" + name() + "' has no worker free, and too many calls wait for one; try again later";
    if (!refusal.empty())
        return false;
    _waiting.add(std::move(call));
    return true;
}

/// Why no call may wait; empty if it may. `_mutex` is held.
std::string WorkerInstance::refusalNow() const
{
    switch (_life)
    {
    case Life::SWITCHED_OFF:
        return _forCallers;
    case Life::REFUSED:
        return "the plugin '" + name() + "' is not available";
    case Life::STOPPING:
        return "the plugin '" + name() + "' is being stopped";
    case Life::LOADING:
    case Life::LOADED:
    case Life::RUNNING:
        break;
    }
    return {};
}

/// Gives waiting calls to workers that can take them.
///
/// Who comes while another thread has the waiting calls in its hands finds none: that thread sees that somebody came, and
/// looks again.
void WorkerInstance::serveWaiting()
{
    std::unique_lock lock(_mutex);
    ++_arrivals;
    while (_waiting.size() > 0)
    {
        const auto seen = _arrivals;
        auto calls = _waiting.takeAll();
        lock.unlock();
        std::deque<WaitingCalls::Call> left;
        for (auto& call : calls)
            if (call.call->isCancelled())
                call.call->fail(TENON_ERROR_CANCELLED, "cancelled");
            else if (!_places.enter(call))
                left.push_back(std::move(call));
        calls.clear(); // what they keep goes without the lock
        lock.lock();
        if (const auto refusal = refusalNow(); !refusal.empty())
        {
            lock.unlock();
            for (const auto& call : left)
                call.call->fail(TENON_ERROR_FAILED, refusal);
            return;
        }
        if (left.empty())
            continue;
        _waiting.putBack(std::move(left));
        if (seen == _arrivals)
            return;
    }
}

void WorkerInstance::subscribe(std::string uri, OrderDone done)
{
    _subscriptions->subscribe(shared_from_this(), uri, std::move(done));
}

void WorkerInstance::unsubscribe(std::string uri)
{
    _subscriptions->unsubscribe(shared_from_this(), std::move(uri));
}

// ---- news of the places

void WorkerInstance::ready(WorkerPlace& place, Offer offer)
{
    _sessionTools.read(offer.tools);
    const auto worker = place.worker();
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        const bool again = worker && worker->isRunning(); // was asked for its lists
        // A worker that was started again may offer something else.
        changed = !again && _life == Life::RUNNING && !(offer == _offer);
        _offer = std::move(offer);
        _offerFresh = true;
        if (_life == Life::LOADING)
            _life = Life::LOADED;
        if (!again && _startWanted && worker)
            worker->start(_handover && !_everStarted.contains(place.index()) ? &*_handover : nullptr);
        _changed.notify_all();
    }
    if (changed)
        listChanged();
}

void WorkerInstance::started(WorkerPlace& place)
{
    {
        std::lock_guard lock(_mutex);
        if (_life < Life::RUNNING)
            _life = Life::RUNNING;
        _unavailable = 0;
        if (_everStarted.insert(place.index()).second && _everStarted.size() >= _plan->config.workers.processes)
            _handover.reset();
        _changed.notify_all();
    }
    serveWaiting();
    if (const auto self = place.index() == 0 ? weak_from_this().lock() : nullptr)
        _subscriptions->again(self);
}

void WorkerInstance::saved(WorkerPlace& place, std::string state)
{
    if (place.index() != 0)
        return;
    std::lock_guard lock(_mutex);
    _saved = std::move(state);
    _changed.notify_all();
}

void WorkerInstance::listChanged()
{
    _threads->tell([&](InstanceOwner& owner) { owner.listChanged(name()); });
}

void WorkerInstance::resourceUpdated(std::string_view uri)
{
    _threads->tell([&](InstanceOwner& owner) { owner.resourceUpdated(uri); });
}

void WorkerInstance::lacking(std::string what)
{
    std::lock_guard lock(_mutex);
    _lacks = std::move(what); // of several workers that of the last that spoke: they have the same settings
}

void WorkerInstance::looked()
{
    std::vector<WaitingCalls::Call> cancelled;
    {
        std::lock_guard lock(_mutex);
        if (_waiting.size() > 0)
            cancelled = _waiting.takeCancelled();
    }
    for (const auto& call : cancelled)
        call.call->fail(TENON_ERROR_CANCELLED, "cancelled");
}

std::optional<WorkerInstance::Clock::duration> WorkerInstance::ended(WorkerPlace&, const WorkerEnd& end)
{
    std::optional<Clock::duration> pause;
    std::string switchedOff;
    {
        std::lock_guard lock(_mutex);
        _changed.notify_all();
        if (_life >= Life::REFUSED)
            return {};
        if (end.kind == WorkerEnd::Kind::ORDERED) // had its one call
            return Clock::duration::zero();
        _reason = end.cause;
        if (!end.trace.empty())
            _lastTrace = end.trace;
        if (end.kind == WorkerEnd::Kind::UNAVAILABLE)
            return CrashHistory::pauseAfter(++_unavailable + 1);
        // What refuses to load or to start the first time will refuse again.
        if (_life == Life::LOADING || (_life == Life::LOADED && end.kind == WorkerEnd::Kind::REFUSED))
        {
            _life = Life::REFUSED;
            return {};
        }
        pause = crashed(end, switchedOff);
    }
    if (!switchedOff.empty())
        switchOff(switchedOff);
    return pause;
}

void WorkerInstance::left()
{
    std::lock_guard lock(_mutex);
    ++_left;
    _changed.notify_all();
}

/// Counts a crash; with too many the plugin is switched off, and says why. `_mutex` is held.
std::optional<WorkerInstance::Clock::duration> WorkerInstance::crashed(const WorkerEnd& end, std::string& switchedOff)
{
    ++_crashes;
    if (end.kind == WorkerEnd::Kind::KILLED)
        ++_kills;
    // In a process of its own a call hurts nobody, so that nobody can have the plugin switched off for all.
    if (_plan->config.workers.fresh && end.hadCalls)
        return Clock::duration::zero();
    _history.add(Clock::now());
    if (!_history.tooMany())
        return _history.pause();
    const std::string crashes = std::to_string(_history.recent()) + " crashes";
    switchedOff = "quarantined after " + crashes + " within " + std::to_string(_plan->config.crashWindowMs) +
                  " ms; the last one: " + end.cause + "; `tenon plugin restart " + name() + "` switches it on again";
    _life = Life::SWITCHED_OFF;
    _reason = switchedOff;
    _forCallers = "the plugin '" + name() + "' is switched off after " + crashes;
    return {};
}

void WorkerInstance::switchOff(const std::string& reason)
{
    logOfPlugin(name(), TENON_LOG_CRITICAL, reason);
    std::deque<WaitingCalls::Call> waiting;
    {
        std::lock_guard lock(_mutex);
        waiting = _waiting.takeAll();
    }
    _places.leave();
    for (const auto& call : waiting)
        call.call->fail(FAILED_BY_HOST, _forCallers);
    _threads->tell([&](InstanceOwner& owner) { owner.quarantined(name(), reason); });
}

} // namespace tenon::plugin

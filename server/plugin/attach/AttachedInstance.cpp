#include "plugin/attach/AttachedInstance.h"

#include <utility>
#include <vector>

namespace tenon::plugin
{

namespace
{

/// What of a call says whose it is; empty: nothing does.
std::string sessionOf(const CallBackend& call)
{
    const CallOrigin origin = call.origin();
    return std::string(origin.session.empty() ? origin.principal : origin.session);
}

} // namespace

AttachedInstance::AttachedInstance(PluginConfig config, AttachedName settings, std::shared_ptr<PluginThreads> threads,
                                   std::shared_ptr<PluginLimit> limit, std::shared_ptr<Waker> wake)
    : _config(std::move(config)), _settings(std::move(settings)), _settingsBody(settingsBody(_config.settings)),
      _threads(std::move(threads)), _limit(std::move(limit)), _wake(std::move(wake)),
      _entries(std::make_shared<EntryQueue>(EntryQueue::Concurrency::PARALLEL, 0, _config.maxQueued, _limit)),
      _subscriptions(std::make_shared<KeptSubscriptions>(
          std::make_shared<SubscriptionOrders>(_threads, _limit, _config.maxQueued, _config.orderTimeout()))),
      _programs(_config.name, _settings.wait)
{
}

// ---- coming and going

std::string AttachedInstance::join(const std::shared_ptr<AttachPeer>& peer, const ProgramHello& hello)
{
    std::vector<std::shared_ptr<AttachPeer>> displaced;
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        const auto now = Clock::now();
        // It may be quicker than the news of its predecessor's end.
        _programs.removeEnded(now);
        if (!_programs.empty() && _settings.instances == AttachedName::Instances::FIRST && !_programs.knows(hello.key))
            return "another '" + name() + "' is attached, and attach." + name() + ".instances is first";
        if (_settings.instances == AttachedName::Instances::NEWEST)
        {
            if (!_programs.wouldBeNewest(hello.key))
                return "a newer '" + name() + "' is attached, and attach." + name() + ".instances is newest";
            displaced = _programs.removeAll();
        }
        peer->welcome(_settingsBody);
        for (auto& old : _programs.add(peer, hello, now))
            displaced.push_back(std::move(old));
        ++_arrivals;
        _changed = true;
        changed = remakeOffer();
    }
    for (const auto& old : displaced)
        old->leave();
    if (changed)
        tellChange();
    serveWaiting();
    _subscriptions->again(shared_from_this());
    return {};
}

void AttachedInstance::leave(AttachPeer& peer)
{
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        const auto now = Clock::now();
        _programs.remove(peer, now); // if nobody has seen its end before
        if (_programs.empty())
        {
            _awaySince = now; // what was offered by one that is away is still listed
            _changed = true;
        }
        else
            changed = remakeOffer();
    }
    _wake->raise();
    if (changed)
        tellChange();
}

std::shared_ptr<const LeftState> AttachedInstance::leftFor(const AttachPeer& peer, const ProgramHello& who)
{
    std::lock_guard lock(_mutex);
    return _programs.leftFor(peer, who, Clock::now());
}

bool AttachedInstance::keep(const AttachPeer& peer, const ProgramHello& who, LeftState state)
{
    std::lock_guard lock(_mutex);
    return _programs.keep(peer, who, std::move(state));
}

void AttachedInstance::restore(Offer offer, Clock::time_point awaySince)
{
    std::lock_guard lock(_mutex);
    _newest = std::move(offer);
    _offer = _numbers.rewrite(_newest, name(), {});
    _awaySince = awaySince;
}

bool AttachedInstance::toKeep(KeptOffers::Kept& kept)
{
    std::lock_guard lock(_mutex);
    if (!std::exchange(_changed, false))
        return false;
    kept = {name(), _newest, {}};
    if (_programs.empty())
        kept.awaySince = std::chrono::system_clock::now() -
                         std::chrono::duration_cast<std::chrono::system_clock::duration>(Clock::now() - _awaySince);
    return true;
}

void AttachedInstance::offered(AttachPeer& peer, Offer offer)
{
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        if (auto* program = _programs.find(peer))
        {
            program->offer = std::move(offer);
            changed = remakeOffer();
        }
    }
    if (changed)
        tellChange();
}

void AttachedInstance::renamed(AttachPeer& peer, std::string title)
{
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        changed = _programs.rename(peer, std::move(title)) && remakeOffer();
    }
    if (changed)
        tellChange();
}

void AttachedInstance::taken(std::uint64_t waitedUs)
{
    std::lock_guard lock(_mutex);
    ++_waited.taken;
    _waited.takenUs += waitedUs;
}

/// Whether what clients see has changed; before the lists are read for the first time nobody sees any. `_mutex` is held.
bool AttachedInstance::remakeOffer()
{
    if (_programs.empty())
        return false;
    _listedUntil = Clock::time_point::max();
    std::vector<std::string> titles;
    // A restart changes nothing for clients: who names a program that is away a moment later waits for it.
    if (_settings.instances == AttachedName::Instances::MANY)
        titles = _programs.namable(Clock::now(), _listedUntil);
    if (const Offer& newest = _programs.here().back().offer; !(newest == _newest))
    {
        _newest = newest;
        _changed = true;
    }
    Offer offer = _numbers.rewrite(_newest, name(), titles);
    if (offer == _offer)
        return false;
    _offer = std::move(offer);
    return _isListed;
}

void AttachedInstance::tellChange()
{
    _threads->tell([&](InstanceOwner& owner) { owner.listChanged(name()); });
}

Offer AttachedInstance::offer()
{
    std::lock_guard lock(_mutex);
    _isListed = true;
    return _offer;
}

InstanceStatus AttachedInstance::status() const
{
    InstanceStatus status;
    std::lock_guard lock(_mutex);
    status.state = _programs.empty() ? "away" : "running";
    status.reason = _programs.empty() ? "no program is attached under this name now" : "";
    status.workers = status.workersRunning = _programs.size();
    status.restarts = _arrivals > 0 ? _arrivals - 1 : 0;
    status.callsWaiting = _waiting.size();
    status.threadWait = _waited;
    for (const auto& program : _programs.here())
    {
        status.callsInside += program.peer->callsInside();
        status.threadWait.add(program.peer->threadWait());
        status.processId = program.peer->process().id;
        status.programs.push_back({program.title, program.peer->process().id, program.peer->process().user});
    }
    return status;
}

// ---- calls

tenon_status AttachedInstance::enter(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    Waiting waiting{target, {}, {}, call, shared_from_this(), Clock::now() + _settings.wait};
    {
        std::lock_guard lock(_mutex);
        waiting.tool = _numbers.nameOf(target, index);
        waiting.argument = _numbers.argumentOf(target, index);
    }
    place(std::move(waiting));
    return TENON_ASYNC;
}

/// Hands a call to its program, lets it wait for it, or ends it.
void AttachedInstance::place(Waiting waiting)
{
    for (;;)
    {
        Programs::Choice choice;
        bool namesInstance = false;
        {
            std::lock_guard lock(_mutex);
            choice = choose(waiting, namesInstance);
            // In the lock: whoever comes from here on finds it.
            if (!choice.peer && choice.refusal.empty() && _waiting.size() < _config.maxQueued)
            {
                _waiting.push_back(std::move(waiting));
                _wake->raise();
                return;
            }
            if (!choice.peer && choice.refusal.empty())
                choice.refusal = awayMessage();
        }
        std::string arguments;
        if (namesInstance)
            arguments = withoutMember(waiting.call->arguments(), waiting.argument);
        auto entry = AttachPeer::Entry::UNKNOWN;
        if (choice.peer)
            entry = choice.peer->enter(waiting.target, waiting.tool, waiting.call, waiting.keep,
                                       namesInstance ? &arguments : nullptr);
        switch (entry)
        {
        case AttachPeer::Entry::INSIDE:
            return;
        case AttachPeer::Entry::GONE: // it has just ended: another one, or none
            leave(*choice.peer);
            break;
        case AttachPeer::Entry::UNKNOWN:
            waiting.call->fail(FAILED_BY_HOST, choice.peer ? "the program '" + name() + "' does not offer this any more"
                                                           : choice.refusal);
            return;
        }
    }
}

/// `_mutex` is held.
Programs::Choice AttachedInstance::choose(const Waiting& waiting, bool& namesInstance)
{
    simdjson::dom::element named;
    // Once there was a choice, the argument is ours: a client may have read the lists before the other program went.
    namesInstance = !waiting.argument.empty() && _programs.everSeveral() &&
                    base::findMember(waiting.call->arguments(), waiting.argument, named);
    const std::string_view title =
        namesInstance ? base::textMember(waiting.call->arguments(), waiting.argument) : std::string_view();
    const bool maySeveral = _settings.instances == AttachedName::Instances::MANY;
    return _programs.choose(title, maySeveral ? sessionOf(*waiting.call) : std::string(), waiting.argument,
                            Clock::now());
}

/// Calls that waited are handed over, in the order in which they came, or wait on.
void AttachedInstance::serveWaiting()
{
    std::deque<Waiting> waiting;
    {
        std::lock_guard lock(_mutex);
        waiting.swap(_waiting);
    }
    for (auto& one : waiting)
    {
        if (one.call->isCancelled())
            one.call->fail(TENON_ERROR_CANCELLED, "cancelled");
        else
            place(std::move(one));
    }
}

bool AttachedInstance::look(Clock::time_point now)
{
    std::vector<Waiting> over;
    bool expired = false, changed = false;
    std::string message;
    {
        std::lock_guard lock(_mutex);
        expired = _programs.empty() && now - _awaySince >= _settings.keep;
        if (expired) // calls may hold this for longer than the budget lives
            _programs.forgetLeft();
        std::erase_if(_waiting,
                      [&](Waiting& waiting)
                      {
                          if (!expired && now < waiting.until && !waiting.call->isCancelled())
                              return false;
                          over.push_back(std::move(waiting));
                          return true;
                      });
        if (!over.empty())
            message = awayMessage();
        changed = _listedUntil != Clock::time_point::max() && now >= _listedUntil && remakeOffer();
    }
    if (changed)
        tellChange();
    for (const auto& waiting : over)
        waiting.call->fail(waiting.call->isCancelled() ? TENON_ERROR_CANCELLED : FAILED_BY_HOST, message);
    return expired;
}

bool AttachedInstance::isIncomplete() const
{
    std::lock_guard lock(_mutex);
    return _programs.empty() || _listedUntil != Clock::time_point::max();
}

bool AttachedInstance::isWaitedFor() const
{
    std::lock_guard lock(_mutex);
    return !_waiting.empty();
}

/// `_mutex` is held.
std::string AttachedInstance::awayMessage() const
{
    if (_programs.empty())
        return "the program '" + name() + "' is restarting, or was closed: try again in a few seconds";
    return "the program '" + name() +
           "' that is meant is restarting, or was closed: try again in a few seconds, or name another one:" +
           _programs.titles();
}

// ---- resources

void AttachedInstance::subscribe(std::string uri, OrderDone done)
{
    _subscriptions->subscribe(shared_from_this(), uri, std::move(done));
}

void AttachedInstance::unsubscribe(std::string uri)
{
    _subscriptions->unsubscribe(shared_from_this(), std::move(uri));
}

} // namespace tenon::plugin

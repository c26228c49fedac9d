#include "plugin/attach/AttachedInstance.h"

#include "plugin/call/PluginLog.h"

#include <algorithm>
#include <utility>

namespace tenon::plugin
{

namespace
{

constexpr std::size_t MAX_SESSIONS_REMEMBERED = 10000;
constexpr std::size_t MAX_RANKS = 1000;

/// What of a call says whose it is; empty: nothing does.
std::string sessionOf(const CallBackend& call)
{
    return std::string(call.sessionId().empty() ? call.principalName() : call.sessionId());
}

} // namespace

AttachedInstance::AttachedInstance(PluginConfig config, AttachedName settings, std::shared_ptr<PluginThreads> threads,
                                   std::shared_ptr<PluginLimit> limit)
    : _config(std::move(config)), _settings(std::move(settings)), _threads(std::move(threads)),
      _entries(std::make_shared<EntryQueue>(EntryQueue::Concurrency::PARALLEL, 0, _config.maxQueued, limit)),
      _orders(std::make_shared<SubscriptionOrders>(_threads, limit, _config.maxQueued, _config.orderTimeout()))
{
}

// ---- coming and going

std::string AttachedInstance::join(const std::shared_ptr<AttachPeer>& peer, const ProgramHello& hello)
{
    std::vector<std::shared_ptr<AttachPeer>> displaced;
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        if (_ranks.size() > MAX_RANKS)
            _ranks.clear();
        const auto [rank, isNew] = _ranks.emplace(hello.key, _lastRank + 1);
        _lastRank += isNew ? 1 : 0;
        // The same process on a new connection: the old one is dead, though nobody noticed yet.
        std::erase_if(_members,
                      [&](Member& member)
                      {
                          if (member.key != hello.key)
                              return false;
                          displaced.push_back(std::move(member.peer));
                          return true;
                      });
        if (!_members.empty() && _settings.instances == AttachedName::Instances::FIRST)
            return "another '" + name() + "' is attached, and attach." + name() + ".instances is first";
        if (!_members.empty() && _settings.instances == AttachedName::Instances::NEWEST)
        {
            if (_members.back().rank > rank->second)
                return "a newer '" + name() + "' is attached, and attach." + name() + ".instances is newest";
            for (auto& member : _members)
                displaced.push_back(std::move(member.peer));
            _members.clear();
        }
        peer->welcome();
        _members.push_back({peer, hello.key, rank->second, hello.title, {}, hello.offer});
        std::sort(_members.begin(), _members.end(),
                  [](const Member& left, const Member& right) { return left.rank < right.rank; });
        ++_arrivals;
        nameThem();
        changed = remakeOffer();
    }
    for (const auto& old : displaced)
        old->leave();
    logOfPlugin(name(), TENON_LOG_NOTICE,
                "'" + hello.title + "' is attached: process " + std::to_string(peer->process().id) + " of user " +
                    std::to_string(peer->process().user) + ", library " + hello.libraryVersion);
    if (changed)
        tellChange();
    serveWaiting();
    subscribeAgain();
    return {};
}

void AttachedInstance::leave(AttachPeer& peer)
{
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        std::erase_if(_members, [&](const Member& member) { return member.peer.get() == &peer; });
        if (_members.empty())
            _awaySince = Clock::now();
        else // what was offered by one that is away is still listed
        {
            nameThem();
            changed = remakeOffer();
        }
    }
    if (changed)
        tellChange();
}

void AttachedInstance::offered(AttachPeer& peer, Offer offer)
{
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        for (auto& member : _members)
            if (member.peer.get() == &peer)
                member.offer = std::move(offer);
        changed = remakeOffer();
    }
    if (changed)
        tellChange();
}

void AttachedInstance::renamed(AttachPeer& peer, std::string title)
{
    bool changed = false;
    {
        std::lock_guard lock(_mutex);
        for (auto& member : _members)
            if (member.peer.get() == &peer)
                member.given = std::move(title);
        nameThem();
        changed = remakeOffer();
    }
    if (changed)
        tellChange();
}

/// Gives the programs titles of which no two are the same. `_mutex` is held, as for the next.
void AttachedInstance::nameThem()
{
    std::map<std::string, int> seen;
    for (auto& member : _members)
    {
        member.title = member.given.empty() ? name() : member.given;
        if (const int before = seen[member.title]++; before > 0)
            member.title += " (" + std::to_string(before + 1) + ")";
    }
}

/// Whether what clients see has changed.
bool AttachedInstance::remakeOffer()
{
    if (_members.empty())
        return false;
    Offer offer = _numbers.rewrite(_members.back().offer, name(), titles());
    if (offer == _offer)
        return false;
    _offer = std::move(offer);
    return true;
}

std::vector<std::string> AttachedInstance::titles() const
{
    std::vector<std::string> titles;
    for (const auto& member : _members)
        titles.push_back(member.title);
    return titles;
}

void AttachedInstance::tellChange()
{
    _threads->tell([&](InstanceOwner& owner) { owner.listChanged(name()); });
}

Offer AttachedInstance::offer()
{
    std::lock_guard lock(_mutex);
    return _offer;
}

InstanceStatus AttachedInstance::status() const
{
    InstanceStatus status;
    std::lock_guard lock(_mutex);
    status.state = _members.empty() ? "away" : "running";
    status.reason = _members.empty() ? "no program is attached under this name now" : "";
    status.workers = status.workersRunning = _members.size();
    status.restarts = _arrivals > 0 ? _arrivals - 1 : 0;
    status.callsWaiting = _waiting.size();
    for (const auto& member : _members)
    {
        status.callsInside += member.peer->callsInside();
        status.processId = member.peer->process().id;
        status.programs.push_back({member.title, member.peer->process().id, member.peer->process().user});
    }
    return status;
}

// ---- calls

tenon_status AttachedInstance::enter(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    Waiting waiting{target, {}, call, shared_from_this(), Clock::now() + _settings.wait};
    {
        std::lock_guard lock(_mutex);
        waiting.tool = _numbers.nameOf(target, index);
    }
    std::string refusal;
    if (tryEnter(waiting, refusal))
        return TENON_ASYNC;
    if (refusal.empty())
    {
        std::lock_guard lock(_mutex);
        if (_waiting.size() < _config.maxQueued)
        {
            _waiting.push_back(std::move(waiting));
            return TENON_ASYNC;
        }
        refusal = awayMessage();
    }
    call->fail(TENON_ERROR_FAILED, refusal);
    return TENON_OK;
}

/// False if there is no program, or, with a refusal, if none is meant.
bool AttachedInstance::tryEnter(const Waiting& waiting, std::string& refusal)
{
    for (;;)
    {
        const Choice choice = choose(waiting.target, *waiting.call);
        refusal = choice.refusal;
        if (!choice.peer)
            return false;
        simdjson::dom::element named;
        std::string arguments;
        const bool renders = waiting.target == Target::TOOL &&
                             base::findMember(waiting.call->arguments(), INSTANCE_ARGUMENT, named) &&
                             status().workers > 1;
        if (renders)
            arguments = withoutInstance(waiting.call->arguments());
        if (choice.peer->enter(waiting.target, waiting.tool, waiting.call, waiting.keep,
                               renders ? &arguments : nullptr))
            return true;
        {
            std::lock_guard lock(_mutex);
            const bool isHere = std::any_of(_members.begin(), _members.end(),
                                            [&](const Member& member) { return member.peer == choice.peer; });
            if (isHere)
            {
                refusal = "the program '" + name() + "' does not offer this any more";
                return false;
            }
        }
        leave(*choice.peer); // it has just ended: another one, or none
    }
}

AttachedInstance::Choice AttachedInstance::choose(Target target, const CallBackend& call)
{
    const std::string session = sessionOf(call);
    std::lock_guard lock(_mutex);
    if (_members.empty())
        return {};
    const auto use = [&](const Member& member) -> Choice
    {
        if (_lastUsed.size() >= MAX_SESSIONS_REMEMBERED)
            _lastUsed.clear();
        if (!session.empty())
            _lastUsed[session] = member.key;
        return {member.peer, {}};
    };
    if (_members.size() == 1)
        return use(_members.front());
    if (target == Target::TOOL)
        if (const auto wanted = base::textMember(call.arguments(), INSTANCE_ARGUMENT); !wanted.empty())
            for (const auto& member : _members)
                if (member.title == wanted)
                    return use(member);
    if (const auto last = _lastUsed.find(session); last != _lastUsed.end())
        for (const auto& member : _members)
            if (member.key == last->second)
                return {member.peer, {}};
    if (target != Target::TOOL)
        return {_members.back().peer, {}};
    std::string refusal =
        "several programs '" + name() + "' run: name one in the argument '" + std::string(INSTANCE_ARGUMENT) + "':";
    for (const auto& member : _members)
        refusal += " '" + member.title + "'";
    return {nullptr, refusal};
}

void AttachedInstance::serveWaiting()
{
    std::deque<Waiting> waiting;
    {
        std::lock_guard lock(_mutex);
        waiting.swap(_waiting);
    }
    std::deque<Waiting> left;
    for (auto& one : waiting)
    {
        std::string refusal;
        if (one.call->isCancelled())
            one.call->fail(TENON_ERROR_CANCELLED, "cancelled");
        else if (tryEnter(one, refusal))
            continue;
        else if (!refusal.empty())
            one.call->fail(TENON_ERROR_FAILED, refusal);
        else
            left.push_back(std::move(one));
    }
    std::lock_guard lock(_mutex);
    _waiting.insert(_waiting.begin(), std::make_move_iterator(left.begin()), std::make_move_iterator(left.end()));
}

bool AttachedInstance::look(Clock::time_point now)
{
    std::vector<Waiting> over;
    bool expired = false;
    {
        std::lock_guard lock(_mutex);
        expired = _members.empty() && now - _awaySince >= _settings.keep;
        std::erase_if(_waiting,
                      [&](Waiting& waiting)
                      {
                          if (!expired && now < waiting.until && !waiting.call->isCancelled())
                              return false;
                          over.push_back(std::move(waiting));
                          return true;
                      });
    }
    for (const auto& waiting : over)
        waiting.call->fail(waiting.call->isCancelled() ? TENON_ERROR_CANCELLED : TENON_ERROR_FAILED, awayMessage());
    return expired;
}

std::string AttachedInstance::awayMessage() const
{
    return "the program '" + name() + "' is restarting, or was closed: try again in a few seconds";
}

// ---- resources

void AttachedInstance::subscribe(std::string uri, OrderDone done)
{
    _orders->subscribe(shared_from_this(), uri,
                       [self = weak_from_this(), uri, done = std::move(done)](tenon_status status)
                       {
                           if (const auto instance = status >= TENON_OK ? self.lock() : nullptr)
                           {
                               std::lock_guard lock(instance->_mutex);
                               instance->_subscribed.insert(uri);
                           }
                           if (done)
                               done(status);
                       });
}

void AttachedInstance::unsubscribe(std::string uri)
{
    {
        std::lock_guard lock(_mutex);
        _subscribed.erase(uri);
    }
    _orders->unsubscribe(shared_from_this(), std::move(uri));
}

/// A program that came back does not know what clients wanted to know.
void AttachedInstance::subscribeAgain()
{
    std::set<std::string> subscribed;
    {
        std::lock_guard lock(_mutex);
        subscribed = _subscribed;
    }
    for (const auto& uri : subscribed)
        _orders->subscribe(shared_from_this(), uri, nullptr);
}

} // namespace tenon::plugin

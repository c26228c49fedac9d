#include "plugin/call/EntryQueue.h"

#include <utility>

namespace tenon::plugin
{

EntryQueue::EntryQueue(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
                       std::shared_ptr<PluginLimit> plugin)
    : _concurrency(concurrency), _maxConcurrent(maxConcurrent), _maxQueued(maxQueued), _plugin(std::move(plugin))
{
}

EntryQueue::Entry EntryQueue::enter(std::string_view session, const std::function<Resume()>& makeResume, Ticket* ticket)
{
    if (tryEnter())
        return Entry::NOW;
    PluginLimit::Due due;
    {
        std::lock_guard lock(_plugin->mutex());
        Lane& lane = laneOf(session);
        // Whoever waits already goes first, or a steady stream of new calls would starve them.
        if (!toolFull() && !laneFull(lane) && lane.queue.empty() && !_firstReady && _plugin->enterIfRoom())
        {
            if (!unlimited())
            {
                ++_running;
                ++lane.running;
            }
            return Entry::NOW;
        }
        if (_queued >= _maxQueued)
        {
            forgetIfIdle(lane);
            return Entry::REFUSED;
        }
        try
        {
            lane.queue.emplace(++_lastTicket, makeResume());
        }
        catch (...)
        {
            forgetIfIdle(lane);
            throw;
        }
        if (ticket)
            *ticket = _lastTicket;
        ++_queued;
        if (!laneFull(lane))
            list(lane);
        offer();
        // Somebody may have left without the mutex just before this one counted as waiting.
        _plugin->collect(due);
    }
    PluginLimit::run(due);
    return Entry::LATER;
}

bool EntryQueue::withdraw(std::string_view session, Ticket ticket)
{
    std::map<Ticket, Resume>::node_type withdrawn; // what it keeps may end a plugin: not with the mutex
    {
        std::lock_guard lock(_plugin->mutex());
        Lane* lane = findLane(session);
        if (!lane)
            return false;
        withdrawn = lane->queue.extract(ticket);
        if (withdrawn.empty())
            return false;
        --_queued;
        forgetIfIdle(*lane);
    }
    return true;
}

void EntryQueue::park()
{
    if (_plugin->tryLeave())
        return;
    PluginLimit::Due due;
    {
        std::lock_guard lock(_plugin->mutex());
        _plugin->leave();
        _plugin->collect(due);
    }
    PluginLimit::run(due);
}

/// Somebody waits, or the queue has limits of its own.
void EntryQueue::leaveAmongOthers(std::string_view session, bool parked) noexcept
{
    PluginLimit::Due due;
    {
        std::lock_guard lock(_plugin->mutex());
        if (!parked)
            _plugin->leave();
        if (!unlimited())
        {
            --_running;
            Lane& lane = *findLane(session); // kept for this one
            --lane.running;
            if (!lane.queue.empty())
                list(lane);
            forgetIfIdle(lane);
        }
        offer();
        _plugin->collect(due);
    }
    PluginLimit::run(due);
}

std::size_t EntryQueue::running() const
{
    std::lock_guard lock(_plugin->mutex());
    return _running;
}

std::size_t EntryQueue::queued() const
{
    std::lock_guard lock(_plugin->mutex());
    return _queued;
}

bool EntryQueue::sameAs(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
                        const std::shared_ptr<PluginLimit>& plugin) const
{
    return _concurrency == concurrency && _maxConcurrent == maxConcurrent && _maxQueued == maxQueued &&
           _plugin == plugin;
}

EntryQueue::Lane* EntryQueue::findLane(std::string_view session) noexcept
{
    if (_concurrency != Concurrency::SESSION)
        return &_common;
    const auto found = _sessions.find(session);
    return found == _sessions.end() ? nullptr : &found->second;
}

EntryQueue::Lane& EntryQueue::laneOf(std::string_view session)
{
    if (Lane* const lane = findLane(session))
        return *lane;
    const auto place = _sessions.try_emplace(std::string(session)).first;
    place->second.session = &place->first;
    return place->second;
}

/// `lane` may be gone afterwards.
void EntryQueue::forgetIfIdle(const Lane& lane) noexcept
{
    if (lane.session && lane.running == 0 && lane.queue.empty() && !lane.listed)
        _sessions.erase(_sessions.find(*lane.session));
}

void EntryQueue::list(Lane& lane) noexcept
{
    if (std::exchange(lane.listed, true))
        return;
    lane.next = nullptr;
    (_firstReady ? _lastReady->next : _firstReady) = &lane;
    _lastReady = &lane;
}

/// Waits for the plugin's limit, if an entry could go but for that.
void EntryQueue::offer() noexcept
{
    if (!_offered && hasNext())
    {
        _offered = true;
        _plugin->wait(std::shared_ptr<EntryWaiter>(shared_from_this(), this));
    }
}

/// Called in the plugin's turn, which ends with it if nothing is left.
bool EntryQueue::takeNext(Due& due) noexcept
{
    bool taken = false;
    while (!taken && hasNext())
    {
        Lane& lane = *std::exchange(_firstReady, _firstReady->next);
        lane.listed = false;
        if (lane.queue.empty() || laneFull(lane))
        {
            forgetIfIdle(lane); // who waited has withdrawn
            continue;
        }
        due.insert(lane.queue.extract(lane.queue.begin()));
        --_queued;
        taken = true;
        if (!unlimited())
        {
            ++_running;
            ++lane.running;
        }
        if (!lane.queue.empty() && !laneFull(lane))
            list(lane);
    }
    _offered = hasNext();
    return taken;
}

} // namespace tenon::plugin

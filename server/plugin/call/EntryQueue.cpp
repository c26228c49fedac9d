#include "plugin/call/EntryQueue.h"

#include <utility>

namespace tenon::plugin
{

namespace
{

void runAll(const PluginLimit::Due& due)
{
    for (const auto& resume : due)
        resume();
}

} // namespace

EntryQueue::EntryQueue(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
                       std::shared_ptr<PluginLimit> plugin)
    : _concurrency(concurrency), _maxConcurrent(maxConcurrent), _maxQueued(maxQueued), _plugin(std::move(plugin))
{
}

EntryQueue::Entry EntryQueue::enter(std::string_view session, const std::function<Resume()>& makeResume, Ticket* ticket)
{
    if (unlimited() && _plugin->tryEnter())
        return Entry::NOW;
    PluginLimit::Due due;
    {
        std::lock_guard lock(_plugin->mutex());
        Lane& lane = laneOf(session);
        // Whoever waits already goes first, or a steady stream of new calls would starve them.
        if (!toolFull() && !laneFull(lane) && lane.queue.empty() && _ready.empty() && _plugin->enterIfRoom())
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
            forgetIfIdle(session, lane);
            return Entry::REFUSED;
        }
        const auto place = lane.queue.emplace(++_lastTicket, makeResume()).first;
        if (ticket)
            *ticket = place->first;
        ++_queued;
        if (!laneFull(lane))
            list(std::string(session), lane);
        offer();
        // Somebody may have left without the mutex just before this one counted as waiting.
        _plugin->collect(due);
    }
    runAll(due);
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
        forgetIfIdle(session, *lane);
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
    runAll(due);
}

void EntryQueue::leave(std::string_view session, bool parked)
{
    if (unlimited() && (parked || _plugin->tryLeave()))
        return;
    PluginLimit::Due due;
    {
        std::lock_guard lock(_plugin->mutex());
        if (!parked)
            _plugin->leave();
        if (!unlimited())
        {
            --_running;
            Lane& lane = laneOf(session);
            --lane.running;
            if (!lane.queue.empty())
                list(std::string(session), lane);
            forgetIfIdle(session, lane);
        }
        offer();
        _plugin->collect(due);
    }
    runAll(due);
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

EntryQueue::Lane* EntryQueue::findLane(std::string_view session)
{
    if (_concurrency != Concurrency::SESSION)
        return &_common;
    const auto found = _sessions.find(std::string(session));
    return found == _sessions.end() ? nullptr : &found->second;
}

EntryQueue::Lane& EntryQueue::laneOf(std::string_view session)
{
    return _concurrency == Concurrency::SESSION ? _sessions[std::string(session)] : _common;
}

/// `lane` may be gone afterwards.
void EntryQueue::forgetIfIdle(std::string_view session, const Lane& lane)
{
    if (_concurrency == Concurrency::SESSION && lane.running == 0 && lane.queue.empty())
        _sessions.erase(std::string(session));
}

void EntryQueue::list(const std::string& session, Lane& lane)
{
    if (!std::exchange(lane.listed, true))
        _ready.push_back(session);
}

/// Waits for the plugin's limit, if an entry could go but for that.
void EntryQueue::offer()
{
    if (!_offered && hasNext())
    {
        _offered = true;
        _plugin->wait(std::shared_ptr<EntryWaiter>(shared_from_this(), this));
    }
}

/// Called in the plugin's turn, which ends with it if nothing is left.
bool EntryQueue::takeNext(std::vector<Resume>& due)
{
    bool taken = false;
    while (!taken && hasNext())
    {
        const std::string session = std::move(_ready.front());
        _ready.pop_front();
        Lane* lane = findLane(session);
        if (!lane) // who waited has withdrawn
            continue;
        lane->listed = false;
        if (lane->queue.empty() || laneFull(*lane))
            continue;
        due.push_back(std::move(lane->queue.begin()->second));
        lane->queue.erase(lane->queue.begin());
        --_queued;
        taken = true;
        if (!unlimited())
        {
            ++_running;
            ++lane->running;
        }
        if (!lane->queue.empty() && !laneFull(*lane))
            list(session, *lane);
    }
    _offered = hasNext();
    return taken;
}

} // namespace tenon::plugin

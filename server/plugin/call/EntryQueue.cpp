#include "plugin/call/EntryQueue.h"

#include <utility>

namespace tenon::plugin
{

std::size_t PluginLimit::running() const
{
    std::lock_guard lock(_mutex);
    return _running;
}

void PluginLimit::writeOff()
{
    std::lock_guard lock(_mutex);
    ++_lost;
}

void PluginLimit::letIn()
{
    std::vector<EntryQueue::Resume> due;
    {
        std::lock_guard lock(_mutex);
        EntryQueue::collect(*this, due);
    }
    for (const auto& resume : due)
        resume();
}

void PluginLimit::takeBack()
{
    std::lock_guard lock(_mutex);
    --_lost;
}

bool PluginLimit::lacks() const
{
    std::lock_guard lock(_mutex);
    return _lost > 0;
}

EntryQueue::EntryQueue(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
                       std::shared_ptr<PluginLimit> plugin)
    : _concurrency(concurrency), _maxConcurrent(maxConcurrent), _maxQueued(maxQueued), _plugin(std::move(plugin))
{
}

EntryQueue::Entry EntryQueue::enter(std::string_view session, const std::function<Resume()>& makeResume)
{
    std::lock_guard lock(_plugin->_mutex);
    Lane& lane = laneOf(session);
    // Whoever waits already goes first, or a steady stream of new calls would starve them.
    if (!_plugin->full() && !toolFull() && !laneFull(lane) && lane.queue.empty() && _ready.empty())
    {
        ++_plugin->_running;
        ++_running;
        ++lane.running;
        return Entry::NOW;
    }
    if (_queued >= _maxQueued)
    {
        if (_concurrency == Concurrency::SESSION && lane.running == 0 && lane.queue.empty())
            _sessions.erase(std::string(session));
        return Entry::REFUSED;
    }
    lane.queue.push_back(makeResume());
    ++_queued;
    if (!laneFull(lane))
        list(std::string(session), lane);
    offer();
    return Entry::LATER;
}

void EntryQueue::park()
{
    std::vector<Resume> due;
    {
        std::lock_guard lock(_plugin->_mutex);
        --_plugin->_running;
        collect(*_plugin, due);
    }
    for (const auto& resume : due)
        resume();
}

void EntryQueue::leave(std::string_view session, bool parked)
{
    std::vector<Resume> due;
    {
        std::lock_guard lock(_plugin->_mutex);
        if (!parked)
            --_plugin->_running;
        --_running;
        Lane& lane = laneOf(session);
        --lane.running;
        if (!lane.queue.empty())
            list(std::string(session), lane);
        else if (_concurrency == Concurrency::SESSION && lane.running == 0)
            _sessions.erase(std::string(session));
        offer();
        if (!_plugin->_waiting.empty())
            collect(*_plugin, due);
    }
    for (const auto& resume : due)
        resume();
}

std::size_t EntryQueue::running() const
{
    std::lock_guard lock(_plugin->_mutex);
    return _running;
}

std::size_t EntryQueue::queued() const
{
    std::lock_guard lock(_plugin->_mutex);
    return _queued;
}

bool EntryQueue::sameAs(Concurrency concurrency, std::size_t maxConcurrent, std::size_t maxQueued,
                        const std::shared_ptr<PluginLimit>& plugin) const
{
    return _concurrency == concurrency && _maxConcurrent == maxConcurrent && _maxQueued == maxQueued &&
           _plugin == plugin;
}

EntryQueue::Lane& EntryQueue::laneOf(std::string_view session)
{
    return _concurrency == Concurrency::SESSION ? _sessions[std::string(session)] : _common;
}

void EntryQueue::list(const std::string& session, Lane& lane)
{
    if (std::exchange(lane.listed, true))
        return;
    _ready.push_back(session);
}

/// Puts the tool among those that wait for the plugin, if a call of it could run.
void EntryQueue::offer()
{
    if (_offered || _ready.empty() || toolFull())
        return;
    _offered = true;
    _plugin->_waiting.push_back(shared_from_this());
}

/// Lets the next waiting call of the tool in, if the tool's own limits allow it.
bool EntryQueue::takeNext(std::vector<Resume>& due)
{
    if (_ready.empty() || toolFull())
        return false;
    const std::string session = std::move(_ready.front());
    _ready.pop_front();
    Lane& lane = laneOf(session);
    lane.listed = false;
    due.push_back(std::move(lane.queue.front()));
    lane.queue.pop_front();
    --_queued;
    ++_running;
    ++lane.running;
    if (!lane.queue.empty() && !laneFull(lane))
        list(session, lane);
    return true;
}

/// Lets in what the plugin's limit has room for, tools taking turns.
void EntryQueue::collect(PluginLimit& plugin, std::vector<Resume>& due)
{
    while (!plugin.full() && !plugin._waiting.empty())
    {
        const auto tool = std::move(plugin._waiting.front());
        plugin._waiting.pop_front();
        tool->_offered = false;
        if (tool->takeNext(due))
            ++plugin._running;
        tool->offer();
    }
}

} // namespace tenon::plugin

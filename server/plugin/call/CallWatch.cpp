#include "plugin/call/CallWatch.h"

#include "base/threads/LostThreads.h"
#include "plugin/call/PluginLog.h"

#include <utility>
#include <vector>

namespace tenon::plugin
{

namespace
{

constexpr std::chrono::milliseconds INTERVAL{100};

} // namespace

CallWatch::Inside::Inside(CallWatch& watch, Subject& subject, std::uint64_t deadlineMs, std::chrono::milliseconds grace)
    : _subject(subject)
{
    if (deadlineMs == 0)
        return;
    _due = Clock::now() + std::chrono::milliseconds(deadlineMs) + grace;
    _thread = std::this_thread::get_id();
    // Stacks are apart from one another, so threads seldom meet in a shard.
    _shard = &watch._shards[(reinterpret_cast<std::uintptr_t>(this) >> 16) % SHARDS];
    const std::lock_guard lock(_shard->mutex);
    _next = _shard->first;
    if (_next)
        _next->_previous = this;
    _shard->first = this;
}

CallWatch::Inside::~Inside()
{
    if (!_shard)
        return;
    {
        const std::lock_guard lock(_shard->mutex);
        (_previous ? _previous->_next : _shard->first) = _next;
        if (_next)
            _next->_previous = _previous;
    }
    if (!_lost)
        return;
    base::LostThreads::instance().takeBack(_thread);
    if (_subject.limit)
        _subject.limit->takeBack();
    --_subject.lost;
    logOfPlugin(_subject.name, TENON_LOG_NOTICE, "a thread that was written off has come back from its call");
}

void CallWatch::start(base::Timers& timers)
{
    std::call_once(_started, [&] { timers.every(INTERVAL, [this] { look(Clock::now()); }); });
}

void CallWatch::look(Clock::time_point now)
{
    struct News
    {
        std::string plugin;
        std::shared_ptr<PluginLimit> limit;
        bool lost;
    };
    std::vector<News> news; // for when no lock is held
    for (auto& shard : _shards)
    {
        const std::lock_guard lock(shard.mutex);
        for (Inside* inside = shard.first; inside; inside = inside->_next)
        {
            if (inside->_lost || now < inside->_due)
                continue;
            Subject& subject = inside->_subject;
            if (base::LostThreads::instance().writeOff(inside->_thread))
            {
                inside->_lost = true;
                ++subject.lost;
                ++subject.everLost;
                if (subject.limit)
                    subject.limit->writeOff();
                news.push_back({subject.name, subject.limit, true});
            }
            else if (!std::exchange(inside->_reported, true))
                news.push_back({subject.name, nullptr, false});
        }
    }
    for (const auto& [plugin, limit, lost] : news)
    {
        logOfPlugin(plugin, TENON_LOG_ERROR,
                    lost ? "a call holds its thread long after its deadline: the thread is written off"
                         : "a call holds its thread long after its deadline, and plugins.maxLostThreads are written "
                           "off already: the server has one thread less");
        if (limit)
            limit->letIn();
    }
}

} // namespace tenon::plugin

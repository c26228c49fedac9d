#include "plugin/call/CallWatch.h"

#include "base/threads/LostThreads.h"
#include "plugin/call/PluginLog.h"

#include <mutex>
#include <utility>
#include <vector>

namespace tenon::plugin
{

namespace
{

constexpr std::chrono::milliseconds INTERVAL{100};

} // namespace

CallWatch::Inside::Inside(CallWatch& watch, Subject& subject, std::uint64_t deadlineMs, std::chrono::milliseconds grace)
    : _place(subject)
{
    if (deadlineMs == 0)
        return;
    _place.patience = std::chrono::milliseconds(deadlineMs) + grace;
    _place.thread = std::this_thread::get_id();
    // Stacks are apart from one another, so threads seldom meet in a shard.
    _place.shard = &watch._shards[(reinterpret_cast<std::uintptr_t>(this) >> 16) % SHARDS];
    const std::lock_guard lock(_place.shard->lock);
    _place.next = _place.shard->first;
    if (_place.next)
        _place.next->previous = &_place;
    _place.shard->first = &_place;
}

CallWatch::Inside::~Inside()
{
    if (!_place.shard)
        return;
    {
        const std::lock_guard lock(_place.shard->lock);
        (_place.previous ? _place.previous->next : _place.shard->first) = _place.next;
        if (_place.next)
            _place.next->previous = _place.previous;
    }
    if (!_place.lost)
        return;
    Subject& subject = _place.subject;
    base::LostThreads::instance().takeBack(_place.thread);
    if (subject.limit)
        subject.limit->takeBack();
    --subject.lost;
    logOfPlugin(subject.name, TENON_LOG_NOTICE, "a thread that was written off has come back from its call");
}

void CallWatch::start(base::Timers& timers)
{
    _started([&] { timers.every(INTERVAL, [this] { look(Clock::now()); }); });
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
        const std::lock_guard lock(shard.lock);
        for (Place* inside = shard.first; inside; inside = inside->next)
        {
            if (inside->due == Clock::time_point())
                inside->due = now + inside->patience;
            if (inside->lost || now < inside->due)
                continue;
            Subject& subject = inside->subject;
            if (base::LostThreads::instance().writeOff(inside->thread))
            {
                inside->lost = true;
                ++subject.lost;
                ++subject.everLost;
                if (subject.limit)
                    subject.limit->writeOff();
                news.push_back({subject.name, subject.limit, true});
            }
            else if (!std::exchange(inside->reported, true))
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

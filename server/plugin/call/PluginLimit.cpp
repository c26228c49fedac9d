#include "plugin/call/PluginLimit.h"

#include "base/threads/ThreadRoot.h"

#include <utility>

namespace tenon::plugin
{

bool PluginLimit::tryEnter() noexcept
{
    std::size_t word = _word.load(std::memory_order_relaxed);
    do
        if ((word & CROWDED) || !hasRoom(word))
            return false;
    while (!_word.compare_exchange_weak(word, word + 1, std::memory_order_acq_rel, std::memory_order_relaxed));
    return true;
}

bool PluginLimit::tryLeave() noexcept
{
    std::size_t word = _word.load(std::memory_order_relaxed);
    do
        if (word & CROWDED)
            return false;
    while (!_word.compare_exchange_weak(word, word - 1, std::memory_order_acq_rel, std::memory_order_relaxed));
    return true;
}

bool PluginLimit::enterIfRoom() noexcept
{
    std::size_t word = _word.load(std::memory_order_relaxed);
    do
        if (!hasRoom(word & ~CROWDED))
            return false;
    while (!_word.compare_exchange_weak(word, word + 1, std::memory_order_acq_rel, std::memory_order_relaxed));
    return true;
}

void PluginLimit::wait(std::shared_ptr<EntryWaiter> waiter) noexcept
{
    EntryWaiter* const last = waiter.get();
    (_firstWaiter ? _lastWaiter->nextWaiter : _firstWaiter) = std::move(waiter);
    _lastWaiter = last;
    _word.fetch_or(CROWDED, std::memory_order_acq_rel);
}

void PluginLimit::collect(Due& due) noexcept
{
    while (_firstWaiter && enterIfRoom())
    {
        const auto waiter = std::exchange(_firstWaiter, std::move(_firstWaiter->nextWaiter));
        if (!waiter->takeNext(due))
            leave();
        if (waiter->hasNext())
            wait(waiter);
    }
    if (!_firstWaiter)
        _word.fetch_and(~CROWDED, std::memory_order_acq_rel);
}

void PluginLimit::letIn()
{
    Due due;
    {
        std::lock_guard lock(_mutex);
        collect(due);
    }
    run(due);
}

void PluginLimit::run(const Due& due) noexcept
{
    for (const auto& [ticket, resume] : due)
        base::threadRoot("a call whose turn has come", resume);
}

} // namespace tenon::plugin

#include "net/front/Worker.h"

namespace tenon::net
{

namespace
{

constexpr std::size_t FLUSH_SLICE = 16; // streams written to between two requests: about a tenth of a millisecond

std::uint64_t pack(const Poller::Event& event)
{
    return event.ref | (std::uint64_t(event.bits) << REF_BITS);
}

WorkQueue::Event unpack(std::uint64_t event)
{
    return {event & ((std::uint64_t(1) << REF_BITS) - 1), static_cast<std::uint8_t>(event >> REF_BITS)};
}

} // namespace

void WorkerSignals::wakeMonitor()
{
    {
        const std::lock_guard lock(mutex);
        monitorSleeps.store(false);
    }
    wake.notify_one();
}

bool WorkerSignals::leaves() noexcept
{
    std::int32_t left = surplus.load(std::memory_order_relaxed);
    while (left > 0)
        if (surplus.compare_exchange_weak(left, left - 1))
            return true;
    return false;
}

bool serveQueued(FrontState& front, WorkQueue& queue, ConnectionDriver& driver, Scratch& scratch) noexcept
{
    WorkQueue::Event event;
    if (!queue.pop(scratch.mayBlock, event))
        return false;
    // Others may be waiting in the poll set for what is still queued.
    if (scratch.mayBlock && queue.hasEvents())
        front.poller.wake();
    driver.serve(event.ref, event.bits, scratch);
    return true;
}

void serveFlushes(WorkQueue& queue, ConnectionDriver& driver, Scratch& scratch) noexcept
{
    std::array<ConnectionRef, FLUSH_SLICE> refs;
    const std::size_t count = queue.popFlushes(refs.data(), refs.size());
    for (std::size_t i = 0; i < count; ++i)
        driver.serve(refs[i], RESUME, scratch);
}

void Worker::start()
{
    _thread = std::thread([this] { run(); });
}

bool Worker::look()
{
    const std::uint32_t activity = _activity.load();
    const bool same = (activity & 1) != 0 && activity == _seen;
    if (!same)
        _pulse.fresh();
    _stuck = same && (_stuck || _pulse.held());
    _seen = activity;
    return _stuck;
}

bool Worker::takeNext(WorkQueue::Event& event) noexcept
{
    std::uint64_t batch = _batch.load(std::memory_order_acquire);
    for (;;)
    {
        const std::uint32_t next = (batch >> 16) & 0xffff;
        if (next >= (batch & 0xffff))
            return false;
        event = unpack(_events[next].load(std::memory_order_relaxed));
        if (_batch.compare_exchange_weak(batch, batch + 0x10000, std::memory_order_acq_rel, std::memory_order_acquire))
            return true;
    }
}

void Worker::serveBatch(std::size_t count, const std::array<Poller::Event, BATCH>& events, Scratch& scratch) noexcept
{
    for (std::size_t i = 0; i < count; ++i)
        _events[i].store(pack(events[i]), std::memory_order_relaxed);
    const std::uint64_t number = (_batch.load(std::memory_order_relaxed) >> 32) + 1;
    _batch.store((number << 32) | count, std::memory_order_release);
    WorkQueue::Event event;
    while (takeNext(event))
    {
        _driver.serve(event.ref, event.bits, scratch);
        _activity.store(_activity.load(std::memory_order_relaxed) + 2, std::memory_order_release);
    }
}

void Worker::run() noexcept
{
    _pulse.begin();
    Scratch scratch;
    std::array<Poller::Event, BATCH> events;
    while (!_signals.stopping.load(std::memory_order_relaxed))
    {
        const bool more = _queue.hasEvents() || _queue.hasFlushes();
        const std::size_t count = _front.poller.wait(events.data(), BATCH, more ? 0 : -1);
        // Odd before anything else: the monitor that is about to sleep sees it, or this thread sees that it sleeps.
        _activity.fetch_add(1);
        if (_signals.monitorSleeps.load())
            _signals.wakeMonitor();
        if (count > 0)
            serveBatch(count, events, scratch);
        if (_queue.hasFlushes())
            serveFlushes(_queue, _driver, scratch);
        if (_queue.hasEvents())
            serveQueued(_front, _queue, _driver, scratch);
        _activity.store(_activity.load(std::memory_order_relaxed) + 1, std::memory_order_release);
        if (_signals.surplus.load(std::memory_order_relaxed) > 0 && _signals.leaves())
            break;
    }
    // A wake-up is taken by one thread, which passes it on when it leaves.
    if (_signals.stopping.load(std::memory_order_relaxed) || _queue.hasEvents() || _queue.hasFlushes())
        _front.poller.wake();
    _ended.store(true);
}

} // namespace tenon::net

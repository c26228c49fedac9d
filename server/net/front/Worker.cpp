#include "net/front/Worker.h"

#include "base/threads/ThreadRoot.h"

namespace tenon::net
{

namespace
{

constexpr int MOST_BATCHES = 32;        // taken from the poll set at once; each takes some microseconds
constexpr std::size_t FLUSH_SLICE = 16; // streams written to between two requests: about a tenth of a millisecond
constexpr int LANE_LOOKS = 12; // of the monitor, two milliseconds each: a large message takes less, unless it waits

std::uint64_t pack(const Poller::Event& event)
{
    return event.ref | (std::uint64_t(event.bits) << REF_BITS);
}

WorkQueue::Event unpack(std::uint64_t event)
{
    return {event & ((std::uint64_t(1) << REF_BITS) - 1), static_cast<std::uint8_t>(event >> REF_BITS)};
}

void enqueue(ConnectionDriver& driver, std::size_t count, const PolledEvents& events) noexcept
{
    for (std::size_t i = 0; i < count; ++i)
        driver.enqueue(events[i].ref, events[i].bits);
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

void gather(FrontState& front, ConnectionDriver& driver, std::chrono::milliseconds wait) noexcept
{
    PolledEvents events;
    std::size_t count = events.size();
    for (int batches = 0; count == events.size() && batches < MOST_BATCHES; ++batches)
    {
        count = front.poller.wait(events.data(), events.size(), batches == 0 ? static_cast<int>(wait.count()) : 0);
        enqueue(driver, count, events);
    }
}

bool serveQueued(FrontState& front, WorkQueue& queue, ConnectionDriver& driver, Scratch& scratch) noexcept
{
    WorkQueue::Event event;
    if (!queue.pop(scratch.mayBlock, event))
        return false;
    // Others may be waiting in the poll set for what is still queued.
    if (scratch.mayBlock && queue.hasEvents())
        front.poller.wake();
    if ((event.bits & PARKED) == 0 && queue.turns().size() != 0)
        driver.enqueue(event.ref, event.bits);
    else
        driver.serve(event.ref, event.bits, scratch);
    return true;
}

bool serveTurn(WorkQueue& queue, ConnectionDriver& driver, Scratch& scratch, TurnClock& clock) noexcept
{
    TurnQueue::Turn turn;
    if (!queue.turns().pop(turn, clock.now))
        return false;
    // By what it computes: who shares the processor with a large message does not owe for that.
    const auto before = clock.computed;
    scratch.turnEnds = clock.now + TurnQueue::QUANTUM;
    driver.serve(turn.ref, static_cast<std::uint8_t>(turn.bits | TURN), scratch);
    scratch.turnEnds = {};
    clock = {};
    queue.turns().took(turn, clock.computed - before, clock.now);
    return true;
}

bool serveLarge(WorkQueue& queue, ConnectionDriver& driver, Scratch& scratch, std::atomic<bool>& inLane) noexcept
{
    TurnQueue::Turn turn;
    if (!queue.enterLane(turn))
        return false;
    inLane.store(true);
    scratch.inLane = true;
    const TurnClock begin;
    scratch.turnEnds = begin.now; // one message at a time
    driver.serve(turn.ref, turn.bits, scratch);
    scratch.turnEnds = {};
    const TurnClock end;
    queue.tookLarge(turn, end.computed - begin.computed, end.now);
    scratch.inLane = false;
    if (inLane.exchange(false)) // else the monitor gave the place back
        queue.leaveLane();
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
    _thread = std::thread([this] { base::steadyThreadRoot("a serving thread", [this] { run(); }); });
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

bool Worker::leavesLane() noexcept
{
    _looksInLane = _stuck && _inLane.load() ? _looksInLane + 1 : 0;
    return _looksInLane >= LANE_LOOKS && _inLane.exchange(false);
}

/// Whether those who want to be served have to take turns: there are several, and not all of one holder.
bool Worker::contended(std::size_t count, const PolledEvents& events) const noexcept
{
    if (_queue.turns().size() != 0)
        return true;
    for (std::size_t i = 1; i < count; ++i)
        if (_front.table.flow(events[i].ref) != _front.table.flow(events[0].ref))
            return true;
    return false;
}

void Worker::serveTurns() noexcept
{
    if (_queue.turns().size() > 1)
        _front.poller.wake();
    TurnClock clock;
    const auto until = clock.now + SLICE;
    while (clock.now < until && serveTurn(_queue, _driver, _scratch, clock))
        progressed();
}

void Worker::serveBatch(std::size_t count, const PolledEvents& events) noexcept
{
    if (count == 1 && _queue.turns().size() == 0) // nobody to take turns with, and nothing is left for others to take
    {
        _driver.serve(events[0].ref, events[0].bits, _scratch);
        return progressed();
    }
    if (contended(count, events))
        return enqueue(_driver, count, events);
    for (std::size_t i = 0; i < count; ++i)
        _events[i].store(pack(events[i]), std::memory_order_relaxed);
    const std::uint64_t number = (_batch.load(std::memory_order_relaxed) >> 32) + 1;
    _batch.store((number << 32) | count, std::memory_order_release);
    WorkQueue::Event event;
    while (takeNext(event))
    {
        _driver.serve(event.ref, event.bits, _scratch);
        progressed();
    }
}

void Worker::run()
{
    _pulse.begin();
    PolledEvents events;
    while (!_signals.stopping.load(std::memory_order_relaxed))
    {
        const bool more = _queue.hasEvents() || _queue.hasFlushes();
        const std::size_t count = _front.poller.wait(events.data(), events.size(), more ? 0 : -1);
        // Odd before anything else: the monitor that is about to sleep sees it, or this thread sees that it sleeps.
        _activity.fetch_add(1);
        if (_signals.monitorSleeps.load())
            _signals.wakeMonitor();
        if (count > 0)
            serveBatch(count, events);
        if (count == events.size() && _queue.turns().size() != 0)
            gather(_front, _driver, std::chrono::milliseconds(0));
        if (_queue.hasFlushes())
            serveFlushes(_queue, _driver, _scratch);
        if (_queue.hasEvents())
        {
            serveQueued(_front, _queue, _driver, _scratch);
            serveTurns();
            serveLarge(_queue, _driver, _scratch, _inLane);
        }
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

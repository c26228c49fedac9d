#include "net/front/WorkerPool.h"

#include "net/front/Connection.h"
#include "net/io/Processors.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tenon::net
{

namespace
{

constexpr std::size_t FLUSH_SLICE = 16; // streams written to between two requests: about a tenth of a millisecond

std::uint64_t pack(ConnectionRef ref, std::uint8_t bits)
{
    return ref | (std::uint64_t(bits) << ConnectionTable::REF_BITS);
}

ConnectionRef refOf(std::uint64_t event)
{
    return event & ((std::uint64_t(1) << ConnectionTable::REF_BITS) - 1);
}

std::uint8_t bitsOf(std::uint64_t event)
{
    return static_cast<std::uint8_t>(event >> ConnectionTable::REF_BITS);
}

} // namespace

WorkerPool::WorkerPool(FrontState& front)
    : _front(front), _base(front.settings.threads != 0 ? front.settings.threads : usableProcessors()),
      _most(std::max(_base, front.settings.maxThreads))
{
}

WorkerPool::~WorkerPool()
{
    stop();
}

void WorkerPool::start()
{
    {
        const std::lock_guard lock(_mutex);
        for (std::size_t i = 0; i < _base; ++i)
            addThread();
    }
    _monitor = std::thread([this] { monitor(); });
}

void WorkerPool::stop()
{
    if (_stopping.exchange(true))
        return;
    wakeMonitor();
    if (_monitor.joinable())
        _monitor.join();
    // A wake-up is taken by one thread, which passes it on when it leaves.
    _front.poller.wake();
    for (;;)
    {
        std::unique_ptr<Worker> worker;
        {
            const std::lock_guard lock(_mutex);
            if (_workers.empty())
                return;
            worker = std::move(_workers.back());
            _workers.pop_back();
        }
        worker->thread.join();
    }
}

void WorkerPool::addThread()
{
    auto worker = std::make_unique<Worker>();
    Worker& started = *worker;
    _workers.push_back(std::move(worker));
    _alive.fetch_add(1, std::memory_order_relaxed);
    _front.metrics.threads.set(static_cast<std::int64_t>(threads()));
    started.thread = std::thread([this, &started] { run(started); });
}

bool WorkerPool::take(Worker& worker, std::uint64_t& event)
{
    std::uint64_t batch = worker.batch.load(std::memory_order_acquire);
    for (;;)
    {
        const std::uint32_t next = (batch >> 16) & 0xffff;
        if (next >= (batch & 0xffff))
            return false;
        event = worker.events[next].load(std::memory_order_relaxed);
        if (worker.batch.compare_exchange_weak(batch, batch + 0x10000, std::memory_order_acq_rel,
                                               std::memory_order_acquire))
            return true;
    }
}

void WorkerPool::run(Worker& worker)
{
    Scratch scratch;
    std::array<Poller::Event, BATCH> events;
    while (!_stopping.load(std::memory_order_relaxed))
    {
        const bool more = _ready.load() != 0 || _flushes.load() != 0;
        const std::size_t count = _front.poller.wait(events.data(), BATCH, more ? 0 : -1);
        // Odd before anything else: the monitor that is about to sleep sees it, or this thread sees that it sleeps.
        worker.activity.fetch_add(1);
        if (_monitorSleeps.load())
            wakeMonitor();
        if (count > 0)
        {
            for (std::size_t i = 0; i < count; ++i)
                worker.events[i].store(pack(events[i].ref, events[i].bits), std::memory_order_relaxed);
            const std::uint64_t number = (worker.batch.load(std::memory_order_relaxed) >> 32) + 1;
            worker.batch.store((number << 32) | count, std::memory_order_release);
            std::uint64_t event = 0;
            while (take(worker, event))
            {
                serve(refOf(event), bitsOf(event), scratch);
                worker.activity.fetch_add(2, std::memory_order_relaxed);
            }
        }
        if (_flushes.load(std::memory_order_relaxed) != 0)
            serveFlushes(scratch);
        if (_ready.load(std::memory_order_relaxed) != 0)
            serveQueued(scratch);
        worker.activity.fetch_add(1);
        if (_surplus.load(std::memory_order_relaxed) > 0 && leaves())
            break;
    }
    if (_stopping.load(std::memory_order_relaxed))
        _front.poller.wake();
    _alive.fetch_sub(1, std::memory_order_relaxed);
    _front.metrics.threads.set(static_cast<std::int64_t>(threads()));
    const std::lock_guard lock(_mutex);
    worker.ended = true;
}

bool WorkerPool::leaves()
{
    std::int32_t surplus = _surplus.load();
    while (surplus > 0)
        if (_surplus.compare_exchange_weak(surplus, surplus - 1))
            return true;
    return false;
}

void WorkerPool::serve(ConnectionRef ref, std::uint8_t bits, Scratch& scratch)
{
    if ((bits & PARKED) == 0)
    {
        const auto claim = _front.table.claim(ref, bits);
        if (claim == ConnectionTable::Claim::GONE)
            return;
        if (claim == ConnectionTable::Claim::NOTED)
        {
            // The owner may be in a long call, whose events are awaited, and which somebody may want to cancel.
            if ((bits & (WRITABLE | RESUME | HANGUP)) == 0)
                return;
            if (const auto connection = _front.table.find(ref))
            {
                connection->sendWaiting(bits);
                if ((bits & HANGUP) != 0)
                    connection->hangup();
            }
            return;
        }
    }
    Connection& connection = _front.table.owned(ref);
    for (;;)
    {
        const Connection::Outcome outcome = connection.serve(bits, scratch);
        if (outcome == Connection::Outcome::PARK)
            return park(ref);
        if (outcome == Connection::Outcome::CLOSE)
        {
            _front.poller.remove(connection.socket());
            _front.table.erase(ref)->close();
            return;
        }
        _front.poller.rearm(connection.socket(), connection.watchesReading());
        if (_front.table.release(ref, bits))
            return;
    }
}

bool WorkerPool::serveQueued(Scratch& scratch)
{
    std::uint64_t event = 0;
    {
        const std::lock_guard lock(_mutex);
        // What waits longest first: parked requests were here before events.
        if (!_parked.empty() && scratch.mayBlock)
        {
            event = pack(_parked.front().ref, PARKED);
            _parked.pop_front();
            _reserved.fetch_sub(1);
            _front.metrics.queued.add(-1);
        }
        else if (!_queue.empty())
        {
            event = _queue.front();
            _queue.pop_front();
        }
        else
            return false;
        _ready.fetch_sub(1);
    }
    // Others may be waiting in the poll set for what is still queued.
    if (scratch.mayBlock && _ready.load(std::memory_order_relaxed) != 0)
        _front.poller.wake();
    serve(refOf(event), bitsOf(event), scratch);
    return true;
}

void WorkerPool::serveFlushes(Scratch& scratch)
{
    std::array<ConnectionRef, FLUSH_SLICE> refs;
    std::size_t count = 0;
    {
        const std::lock_guard lock(_mutex);
        while (count < FLUSH_SLICE && !_toFlush.empty())
        {
            refs[count++] = _toFlush.front();
            _toFlush.pop_front();
        }
        _flushes.store(_toFlush.size());
    }
    for (std::size_t i = 0; i < count; ++i)
        serve(refs[i], RESUME, scratch);
}

void WorkerPool::kick(ConnectionRef ref, std::uint8_t bits)
{
    {
        const std::lock_guard lock(_mutex);
        _queue.push_back(pack(ref, bits));
        _ready.fetch_add(1);
    }
    _front.poller.wake();
}

void WorkerPool::flushLater(ConnectionRef ref)
{
    bool first;
    {
        const std::lock_guard lock(_mutex);
        first = _toFlush.empty();
        _toFlush.push_back(ref);
        _flushes.store(_toFlush.size());
    }
    if (first)
        _front.poller.wake();
}

bool WorkerPool::reservePark()
{
    std::size_t reserved = _reserved.load();
    while (reserved < _front.settings.queue)
        if (_reserved.compare_exchange_weak(reserved, reserved + 1))
            return true;
    return false;
}

void WorkerPool::park(ConnectionRef ref)
{
    {
        const std::lock_guard lock(_mutex);
        _parked.push_back({ref, std::chrono::steady_clock::now() + std::chrono::milliseconds(_front.settings.queueMs)});
        _ready.fetch_add(1);
    }
    _front.metrics.queued.add();
    _front.poller.wake();
}

} // namespace tenon::net

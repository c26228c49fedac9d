#pragma once

#include "net/connection/FrontState.h"
#include "net/front/ConnectionDriver.h"
#include "net/front/WorkQueue.h"
#include "net/front/WorkerMonitor.h"
#include "net/io/Processors.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tenon::net
{

/// The threads that share the poll set, what they have to do, and who looks after them.
///
/// Threading: any thread; `start` and `stop` once, by the owner.
class WorkerPool final : public FrontScheduler
{
public:
    explicit WorkerPool(FrontState& front)
        : _front(front), _queue(front.table, static_cast<std::size_t>(front.params->getMaxQueued()),
                                std::max<std::size_t>(1, usableProcessors() / 2), front.metrics.queued),
          _driver(front, _queue), _monitor(front, _queue, _driver)
    {
    }
    ~WorkerPool() override { stop(); }
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Errors: std::system_error if there is no thread to be had.
    void start() { _monitor.start(); }

    /// Ends all threads when they have finished what they are in.
    void stop() { _monitor.stop(); }

    [[nodiscard]] std::size_t threads() const { return _monitor.threads(); }
    [[nodiscard]] ConnectionDriver& driver() { return _driver; }

    /// Whether a connection may wait for something that could not be remembered, since this was last asked.
    [[nodiscard]] bool takeForgotten() noexcept { return _queue.takeForgotten(); }

    // FrontScheduler
    void kick(ConnectionRef ref, std::uint8_t bits) override
    {
        _queue.push(ref, bits);
        _front.poller.wake();
    }
    void flushLater(ConnectionRef ref) override
    {
        if (_queue.pushFlush(ref))
            _front.poller.wake();
    }
    bool reservePark() override { return _queue.reserve(); }
    void cancelPark() override { _queue.cancel(); }

private:
    FrontState& _front;
    WorkQueue _queue;
    ConnectionDriver _driver;
    WorkerMonitor _monitor;
};

} // namespace tenon::net

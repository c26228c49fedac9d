#include "app/process/Signals.h"

#include "base/threads/ThreadRoot.h"

#include <utility>

#if !defined(_WIN32)
#include <cerrno>
#include <csignal>
#include <ctime>
#include <pthread.h>
#endif

namespace tenon::app
{

namespace
{

using namespace std::chrono_literals;

/// How long a stop may take that does not wait for calls: plugins, threads and logs come to their end in it, or never.
constexpr auto UNTIL_PATIENCE_IS_KNOWN = 4500ms;

constexpr const char* STOPPING = "the server is stopping";

#if !defined(_WIN32)
sigset_t awaited()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGHUP})
        sigaddset(&signals, number);
    return signals;
}
#endif

} // namespace

#if defined(_WIN32)

void Signals::block() {}
void Signals::run() {}
int Signals::waitForSignal()
{
    return 0;
}
void Signals::received(int) {}

#else

void Signals::block()
{
    const sigset_t signals = awaited();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    // By default they would end the process without a word: to other servers they mean something harmless. Not SIG_IGN,
    // which programs that are started from here would inherit.
    for (const int number : {SIGUSR1, SIGUSR2})
        std::signal(number, [](int) {});
}

void Signals::run()
{
    for (;;)
    {
        const int number = waitForSignal();
        {
            std::lock_guard lock(_mutex);
            if (_ending)
                return;
        }
        if (number == 0)
            _leave("the server did not stop in time: the process ends without waiting any longer");
        received(number);
    }
}

/// 0 once the time to stop in is over.
int Signals::waitForSignal()
{
    const sigset_t signals = awaited();
    for (;;)
    {
        std::optional<Clock::time_point> deadline;
        {
            std::lock_guard lock(_mutex);
            deadline = _deadline;
        }
        int number = 0;
        if (!deadline)
            number = sigwaitinfo(&signals, nullptr);
        else
        {
            const auto left = *deadline - Clock::now();
            if (left <= Clock::duration::zero())
                return 0;
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
            const timespec time{seconds.count(), std::chrono::nanoseconds(left - seconds).count()};
            number = sigtimedwait(&signals, nullptr, &time);
        }
        if (number > 0)
            return number;
    }
}

void Signals::received(int number)
{
    if (number == SIGHUP && !_hangupStops)
        return give({Kind::RELOAD, false, {}}); // while stopping, nobody heeds it
    std::function<void()> told;
    {
        std::unique_lock lock(_mutex);
        if (_deadline)
        {
            lock.unlock();
            _leave({}); // asked twice
        }
        _deadline = Clock::now() + _patience;
        told = std::exchange(_told, nullptr);
    }
    give({Kind::STOP, number != SIGTERM, {}});
    if (told)
        told();
}

#endif

Signals::Signals(Leave leave, bool hangupStops)
    : _leave(std::move(leave)), _hangupStops(hangupStops), _patience(UNTIL_PATIENCE_IS_KNOWN)
{
#if !defined(_WIN32)
    _thread = std::thread([this] { base::threadRoot("the thread that waits for signals", [this] { run(); }); });
#endif
}

Signals::~Signals()
{
    {
        std::lock_guard lock(_mutex);
        _ending = true;
    }
    if (!_thread.joinable())
        return;
#if !defined(_WIN32)
    pthread_kill(_thread.native_handle(), SIGHUP); // only to wake it
#endif
    _thread.join();
}

void Signals::setPatience(std::chrono::milliseconds patience)
{
    std::lock_guard lock(_mutex);
    _patience = patience;
}

void Signals::onStop(std::function<void()> told)
{
    std::unique_lock lock(_mutex);
    if (!_deadline || !told)
    {
        _told = std::move(told);
        return;
    }
    lock.unlock();
    told();
}

Signals::Order Signals::next()
{
    std::unique_lock lock(_mutex);
    _news.wait(lock, [&] { return !_orders.empty(); });
    Order order = std::move(_orders.front());
    _orders.pop_front();
    if (order.kind == Kind::RELOAD)
        return order;
    const std::deque<Order> late = std::exchange(_orders, {});
    lock.unlock();
    for (const Order& other : late)
        if (other.done)
            other.done(STOPPING);
    return order;
}

bool Signals::stopping()
{
    std::lock_guard lock(_mutex);
    return _deadline.has_value();
}

void Signals::give(Order order)
{
    std::unique_lock lock(_mutex);
    if (order.kind == Kind::STOP || !_deadline)
    {
        _orders.push_back(std::move(order));
        _news.notify_all();
        return;
    }
    lock.unlock();
    if (order.done)
        order.done(STOPPING);
}

} // namespace tenon::app

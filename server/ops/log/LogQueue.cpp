#include "ops/log/LogQueue.h"

#include "base/threads/ThreadRoot.h"

#include <Poco/Exception.h>
#include <Poco/Message.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tenon::ops
{

namespace
{

using Clock = std::chrono::steady_clock;
using ChannelPtr = Poco::AutoPtr<Poco::Channel>;

/// After a failure a target is left alone for so long.
constexpr std::chrono::seconds PAUSE{1};
constexpr std::chrono::seconds LAST_PATIENCE{1};

/// The thread's number as debuggers and `top` show it; POCO knows only its own threads.
long threadNumber()
{
#if defined(__linux__)
    thread_local const long number = syscall(SYS_gettid);
    return number;
#else
    return static_cast<long>(std::hash<std::thread::id>{}(std::this_thread::get_id()) & 0x7FFFFFFF);
#endif
}

} // namespace

/// What thread, fronts and owner share, since each may outlive the others.
class LogQueue::State : public std::enable_shared_from_this<State>
{
public:
    explicit State(Limits limits) : _limits(limits) {}

    void start()
    {
        try
        {
            _thread = std::thread(
                [self = shared_from_this()]
                {
                    // A shortage of memory costs the lines at hand, not the log.
                    while (!base::threadRoot("the log's thread", [&] { self->run(); }))
                        std::this_thread::sleep_for(PAUSE);
                });
        }
        catch (const std::system_error&)
        {
            // Without a thread, lines are written by who logs them: late is better than never.
            _direct = true;
        }
    }

    void push(const ChannelPtr& target, const Poco::Message& message) noexcept
    {
        try
        {
            Item item{target, message};
            item.message.setTid(threadNumber());
            const std::size_t bytes = sizeof(Item) + message.getText().size() + message.getSource().size();
            std::unique_lock lock(_mutex);
            if (_finished || _items.size() >= _limits.lines || _bytes + bytes > _limits.bytes)
            {
                ++_overflow[target];
                ++_dropped;
                return;
            }
            _bytes += bytes;
            _items.push_back(std::move(item));
            if (!_direct)
                _wake.notify_one();
            else if (!_busy)
                while (!_items.empty())
                    drain(lock);
        }
        catch (...)
        {
            ++_dropped; // no memory for a line
        }
    }

    void reopen()
    {
        std::lock_guard lock(_mutex);
        _reopen = true;
        _wake.notify_one();
    }

    bool flush(std::chrono::milliseconds patience)
    {
        std::unique_lock lock(_mutex);
        return _written.wait_for(lock, patience, [&] { return _items.empty() && !_busy; });
    }

    void finish(std::chrono::milliseconds patience)
    {
        {
            std::lock_guard lock(_mutex);
            _ending = true;
            _wake.notify_one();
        }
        std::unique_lock lock(_mutex);
        const bool ended = _direct || _written.wait_for(lock, patience, [&] { return _ended; });
        _finished = true;
        lock.unlock();
        if (!_thread.joinable())
            return;
        if (ended)
            _thread.join();
        else
            _thread.detach(); // it shares this state
    }

    [[nodiscard]] std::uint64_t dropped() const { return _dropped; }

private:
    struct Item
    {
        ChannelPtr target;
        Poco::Message message;
    };

    /// How writing to one target goes. Of the thread alone.
    struct Target
    {
        std::uint64_t lost = 0; ///< lines, since the last that was written
        std::string reason;
        Clock::time_point retryAt;

        void missed(std::uint64_t lines, const std::string& why)
        {
            lost += lines;
            reason = why;
        }
    };

    void run()
    {
        std::unique_lock lock(_mutex);
        _busy = false;
        const auto due = [&] { return !_items.empty() || _reopen || _ending; };
        for (;;)
        {
            if (_anyLost)
                _wake.wait_for(lock, PAUSE, due); // tries again what could not be written
            else
                _wake.wait(lock, due);
            if (_items.empty() && _ending)
                break;
            drain(lock);
        }
        _ended = true;
        _written.notify_all();
    }

    /// Writes what is there, without the lock.
    void drain(std::unique_lock<std::mutex>& lock)
    {
        std::deque<Item> items;
        std::map<ChannelPtr, std::uint64_t> overflow;
        items.swap(_items);
        overflow.swap(_overflow);
        _bytes = 0;
        _busy = true;
        const bool reopen = std::exchange(_reopen, false);
        lock.unlock();
        if (reopen) // before anything is written: a line that came with the order belongs into the new file
            for (auto& [target, state] : _targets)
                close(*ChannelPtr(target));
        for (Item& item : items)
            write(item.target, item.message);
        for (auto& [target, count] : overflow)
            _targets[target].missed(count, "more came than could be written");
        bool anyLost = false;
        for (auto& [target, state] : _targets)
            anyLost = !report(target, state) || anyLost;
        items.clear();
        lock.lock();
        _anyLost = anyLost;
        _busy = false;
        _written.notify_all();
    }

    void write(ChannelPtr& target, const Poco::Message& message)
    {
        Target& state = _targets[target];
        if (!report(target, state))
        {
            state.missed(1, state.reason);
            ++_dropped;
            return;
        }
        attempt(target, state, message);
    }

    /// Says what is missing, if anything is; false if the target does not take it.
    bool report(ChannelPtr target, Target& state)
    {
        if (state.lost == 0)
            return true;
        if (Clock::now() < state.retryAt)
            return false;
        const Poco::Message note("tenon.app",
                                 std::to_string(state.lost) + " lines of the log are missing here: " + state.reason,
                                 Poco::Message::PRIO_WARNING);
        const std::uint64_t before = state.lost;
        if (!attempt(target, state, note))
        {
            state.lost = before; // the note itself is no loss
            return false;
        }
        state = Target();
        return true;
    }

    bool attempt(ChannelPtr& target, Target& state, const Poco::Message& message)
    {
        std::string reason;
        try
        {
            target->log(message);
            return true;
        }
        catch (const Poco::Exception& exc)
        {
            reason = exc.displayText();
        }
        catch (const std::exception& exc)
        {
            reason = exc.what();
        }
        state.missed(1, reason);
        state.retryAt = Clock::now() + PAUSE;
        ++_dropped;
        close(*target); // a stream that failed once stays failed until its file is opened again
        return false;
    }

    static void close(Poco::Channel& target)
    {
        base::threadRoot("closing a log", [&] { target.close(); });
    }

    const Limits _limits;
    std::atomic<std::uint64_t> _dropped{0};
    std::thread _thread;
    bool _direct = false; ///< constant after start

    std::map<ChannelPtr, Target> _targets; // the thread's

    std::mutex _mutex; // guards all below
    std::condition_variable _wake, _written;
    std::deque<Item> _items;
    std::size_t _bytes = 0;
    std::map<ChannelPtr, std::uint64_t> _overflow; ///< lines that did not fit
    bool _busy = false;                            ///< something is being written
    bool _anyLost = false;                         ///< and could not be said yet
    bool _reopen = false, _ending = false, _ended = false, _finished = false;
};

/// The channel that loggers see.
class LogQueue::Front : public Poco::Channel
{
public:
    Front(std::shared_ptr<State> state, ChannelPtr target) : _state(std::move(state)), _target(std::move(target)) {}

    void log(const Poco::Message& message) override { _state->push(_target, message); }

private:
    const std::shared_ptr<State> _state;
    const ChannelPtr _target;
};

LogQueue::LogQueue() : LogQueue(Limits()) {}

LogQueue::LogQueue(Limits limits) : _state(std::make_shared<State>(limits))
{
    _state->start();
}

LogQueue::~LogQueue()
{
    _state->finish(LAST_PATIENCE);
}

Poco::AutoPtr<Poco::Channel> LogQueue::channelTo(const Poco::AutoPtr<Poco::Channel>& target)
{
    return new Front(_state, target);
}

void LogQueue::reopen()
{
    _state->reopen();
}

bool LogQueue::flush(std::chrono::milliseconds patience)
{
    return _state->flush(patience);
}

void LogQueue::finish(std::chrono::milliseconds patience)
{
    _state->finish(patience);
}

std::uint64_t LogQueue::dropped() const
{
    return _state->dropped();
}

} // namespace tenon::ops

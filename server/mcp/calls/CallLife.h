#pragma once

#include "base/threads/Executor.h"
#include "base/threads/SteadyClock.h"
#include "mcp/calls/CallState.h"
#include "mcp/calls/CallTarget.h"
#include "plugin/call/CallBackend.h"

#include <atomic>
#include <cstdint>
#include <string>

namespace tenon::mcp
{

/// The part of a call that goes into the plugin and comes out of it: its turn in the queue, its entries, its end, and
/// the clock that runs from the first entry to the answer.
///
/// Threading: any thread.
/// Ownership: borrows its owner, which it is a part of.
class CallLife
{
public:
    /// What follows from the way through the plugin; the call implements it.
    class Owner
    {
    public:
        virtual ~Owner() = default;

        /// The function failed, or returned without a result. The end has been claimed.
        virtual void onFailure(tenon_status status) = 0;

        /// There is no place in the queue. The end has been claimed.
        virtual void onRefusal() = 0;

        /// The function has returned and waits for the client's answers.
        virtual void onQuestions() = 0;
    };

    /// Shape: `session` names whom the entries are for, where they exclude each other by session; `timeoutMs` 0: none;
    ///        `begunUs` is when the request was read, base::steadyUs.
    CallLife(Owner& owner, const CallTarget& target, base::Executor& executor, std::string_view session,
             std::int64_t timeoutMs, std::int64_t begunUs)
        : _owner(owner), _target(target), _executor(executor), _session(session), _queue(target.queue()),
          _begunUs(begunUs), _timeoutMs(timeoutMs), _deadlineAt(timeoutMs > 0 ? begunUs / 1000 + timeoutMs : 0)
    {
    }

    /// The call has been running in earlier rounds already. Before it is entered.
    void goOn(std::int64_t elapsedMs);

    /// Waits for its turn and enters the plugin, on this thread if it may be now. Ownership: `self` is the call, which is
    /// kept while it waits or runs.
    void enter(const plugin::CallBackendPtr& self);

    /// The function has returned elsewhere (in a worker) to wait for the client.
    void pending();

    /// See CallState.
    [[nodiscard]] bool ended() const { return _state.ended(); }
    [[nodiscard]] bool claimEnd() { return _state.claimEnd(); }
    [[nodiscard]] bool speak() { return _state.speak(); }
    [[nodiscard]] bool spoke() const { return _state.spoke(); }

    /// The call has ended: it leaves its queue, at once unless its function runs, which is followed by that.
    void leave()
    {
        if (_state.returned())
            leaveQueue();
    }

    /// The plugin learns that the answer is no longer wanted.
    void tellCancelled() { _cancelled.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool cancelled() const { return _cancelled.load(std::memory_order_relaxed); }

    /// What the clock says.
    enum class Time
    {
        LEFT,
        OVERDUE, ///< the plugin has been told; it may still answer
        OVER     ///< the answer is given in its place
    };
    [[nodiscard]] Time look(std::int64_t nowMs);
    [[nodiscard]] bool overdue() const { return _overdue.load(std::memory_order_relaxed); }

    /// Milliseconds from the first entry to the answer, earlier rounds and waiting included; 0: no limit.
    [[nodiscard]] std::int64_t timeoutMs() const { return _timeoutMs.load(std::memory_order_relaxed); }
    void setTimeout(std::int64_t timeoutMs);

    /// Milliseconds since the first entry, in earlier rounds too.
    [[nodiscard]] std::int64_t elapsedMs() const;

    /// Notes that there is an answer, and gives the microseconds that this round took. By whoever has claimed the end.
    std::uint64_t stopClock()
    {
        _answeredUs = base::steadyUs();
        return static_cast<std::uint64_t>(_answeredUs - _begunUs);
    }
    [[nodiscard]] std::int64_t answeredUs() const { return _answeredUs; } ///< when that was, base::steadyUs; 0: not yet

    /// Its time was over before it came: the user took too long to answer.
    [[nodiscard]] bool late() const { return timeoutMs() > 0 && _earlierMs >= timeoutMs(); }

private:
    void goOn(const plugin::CallBackendPtr& self);
    void waitForTurn(const plugin::CallBackendPtr& self);
    void run(const plugin::CallBackendPtr& self, bool admitted);
    void leaveQueue();
    void withdraw();
    void settle(const CallState::Exit& exit, tenon_status status);

    // Constant after construction.
    Owner& _owner;
    const CallTarget& _target;
    base::Executor& _executor;
    const std::string_view _session;
    plugin::EntryQueue* const _queue; ///< null: it may always enter
    const std::int64_t _begunUs;      ///< base::steadyUs
    std::int64_t _earlierMs = 0;      ///< in earlier rounds
    std::int64_t _answeredUs = 0;     ///< of whoever has claimed the end

    // Synchronised by themselves.
    CallState _state;
    std::atomic<plugin::EntryQueue::Ticket> _ticket{0}; ///< its place in the queue, if it waits
    std::atomic<std::int64_t> _timeoutMs{0};
    std::atomic<std::int64_t> _deadlineAt{0}; ///< base::steadyMs; 0: none
    std::atomic<bool> _cancelled{false};
    std::atomic<bool> _overdue{false};
};

} // namespace tenon::mcp

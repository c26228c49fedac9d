#pragma once

#include <atomic>

namespace tenon::mcp
{

/// Where a call stands, as bits of one word: finishing, returning and leaving the queue overlap on three threads, and each
/// of them is one step here.
///
/// ```
///          beginEntry                     endEntry
/// RETURNED ──────────▶ ENTERING, ADMITTED ────────▶ RETURNED           the function ended the call, or failed
///     ▲                                   ────────▶ RETURNED, PARKED   it ends later, on another thread
///     └──────── all questions answered ◀─ ────────▶ RETURNED           it waits for the client
///                    ENDED: set once, by whoever comes first (finish, fail, cancel, clock, drop)
/// ```
///
/// Threading: any thread, lock-free.
class CallState
{
public:
    [[nodiscard]] bool ended() const { return (_bits.load() & ENDED) != 0; }

    /// True for the first who ends the call, and for nobody else.
    [[nodiscard]] bool claimEnd() { return (_bits.fetch_or(ENDED) & ENDED) == 0; }

    /// Asked by whoever has claimed the end: something was sent before, and may still be on its way.
    [[nodiscard]] bool spoke() const { return (_bits.load() & SPOKE) != 0; }

    /// Something is about to be sent before the answer; false if the call has ended, so that nothing may be.
    [[nodiscard]] bool speak() { return (_bits.fetch_or(SPOKE) & ENDED) == 0; }

    /// The plugin is about to be entered; false if the call has ended, for its place may be another's already.
    ///
    /// Shape: `admitted` is whether it has a place in a queue that it has to leave.
    [[nodiscard]] bool beginEntry(bool admitted)
    {
        unsigned before = _bits.load();
        do
            if (before & ENDED)
                return false;
        while (!_bits.compare_exchange_weak(before,
                                            (before & ~(RETURNED | PENDING)) | ENTERING | (admitted ? ADMITTED : 0u)));
        return true;
    }

    /// Whether the plugin's function is not running: it has returned, or was never entered.
    [[nodiscard]] bool returned() const { return (_bits.load() & RETURNED) != 0; }

    /// What is due after the plugin's function has returned.
    struct Exit
    {
        bool claimed = false; ///< the call ends with the function: whoever called has to answer
        bool leaves = false;  ///< its place in the queue is free
        bool parked = false;  ///< of a place that is left: it was parked. Else: it has just been parked
        bool asks = false;    ///< the client is to be asked
    };

    /// The function has returned: TENON_ASYNC if `goesOn`, TENON_INPUT_PENDING if `waits`.
    [[nodiscard]] Exit endEntry(bool goesOn, bool waits)
    {
        unsigned before = _bits.load(), after;
        Exit exit;
        if (!goesOn && (before & ENDED) != 0)
        {
            // Nobody adds to the word of an ended call but what no longer matters, and nobody takes from it before it has
            // returned: no step that is exclusive is needed.
            exit.leaves = (before & ADMITTED) != 0;
            exit.parked = (before & PARKED) != 0;
            _bits.store((before | RETURNED) & ~static_cast<unsigned>(ENTERING | ADMITTED | PARKED),
                        std::memory_order_release);
            return exit;
        }
        do
        {
            exit = {};
            after = before & ~static_cast<unsigned>(ENTERING);
            exit.asks = waits || (goesOn && (before & PENDING));
            if (!goesOn || exit.asks || (before & ENDED) != 0)
            {
                after |= RETURNED;
                exit.claimed = !goesOn && !exit.asks && (before & ENDED) == 0;
                if (exit.claimed)
                    after |= ENDED;
                exit.leaves = (before & ADMITTED) != 0;
                exit.parked = (before & PARKED) != 0;
                after &= ~static_cast<unsigned>(ADMITTED | PARKED);
            }
            else
            {
                after |= RETURNED;
                exit.parked = (before & ADMITTED) != 0;
                if (exit.parked)
                    after |= PARKED;
            }
        } while (!_bits.compare_exchange_weak(before, after));
        exit.asks = exit.asks && (before & ENDED) == 0;
        return exit;
    }

    /// The function says from elsewhere that it waits for the client; true if `endEntry` has come already, so that this
    /// is the one who asks.
    [[nodiscard]] bool pending() { return (_bits.fetch_or(PENDING) & ENTERING) == 0; }

    /// Whether the place in the queue has to be left now: the call has ended and its function has returned.
    [[nodiscard]] Exit leave()
    {
        Exit exit;
        if (!(_bits.load() & RETURNED))
            return exit;
        const unsigned before = _bits.fetch_and(~static_cast<unsigned>(ADMITTED | PARKED));
        exit.leaves = (before & ADMITTED) != 0;
        exit.parked = (before & PARKED) != 0;
        return exit;
    }

private:
    enum Bit : unsigned
    {
        ENDED = 1,     ///< it has its answer, or needs none
        RETURNED = 2,  ///< the plugin's function is not running
        ADMITTED = 4,  ///< it has a place in its queue
        PARKED = 8,    ///< but holds no thread: the function has returned and ends the call later
        ENTERING = 16, ///< `Instance::enter` has not returned
        PENDING = 32,  ///< meanwhile the function said that it waits for input
        SPOKE = 64     ///< something was sent before the answer
    };
    std::atomic<unsigned> _bits{RETURNED};
};

} // namespace tenon::mcp

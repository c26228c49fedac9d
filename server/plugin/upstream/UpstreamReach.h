#pragma once

#include "plugin/worker/CrashHistory.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace tenon::plugin
{

/// Whether a server behind this one may be asked at the moment. One that cannot be reached, or does not answer, is left
/// alone for pauses that grow; a program that ends too often is switched off.
///
/// Threading: any thread.
class UpstreamReach
{
public:
    using Clock = std::chrono::steady_clock;

    struct Figures
    {
        std::uint64_t opened = 0; ///< sessions, or programs
        std::uint64_t crashed = 0;
        bool switchedOff = false;
        std::string why; ///< it cannot be used now; empty: nothing is known against it
    };

    UpstreamReach(std::size_t maxCrashes, std::chrono::milliseconds window) : _crashes(maxCrashes, window) {}

    /// A session was opened.
    void opened();

    /// No session opens. Gives how long it is left alone.
    Clock::duration failed(const std::string& why);

    /// It answered a request, with whatever, or did not. True: it does again, after it had been given up.
    bool answered(bool did);

    /// Its lists cannot be read.
    void unreadable(const std::string& why);

    /// It has ended by itself. True: so often that it is switched off, if it `mayBe`.
    [[nodiscard]] bool crashed(const std::string& why, bool mayBe);

    /// An operator wants it back.
    void forget();

    /// Why nothing is sent to it now; empty: something may be. Shape: a sentence about `name`.
    [[nodiscard]] std::string refusal(const std::string& name) const;

    [[nodiscard]] bool mayTry(Clock::time_point now) const;

    /// Whether it is time to see if it is back although nobody calls: while it is said to be away, nobody may. True once for
    /// each pause. A program that ended is not meant: the next call starts it.
    [[nodiscard]] bool takeTry(Clock::time_point now);

    [[nodiscard]] Figures figures(Clock::time_point now = Clock::now()) const;

private:
    /// What is against it.
    enum class Lack
    {
        NOTHING,
        SILENT,   ///< requests get no answer
        UNOPENED, ///< no session opens
        ENDED     ///< the program did
    };

    mutable std::mutex _mutex; // guards all below
    Lack _lack = Lack::NOTHING;
    CrashHistory _crashes;
    std::size_t _failures = 0;  ///< in a row
    Clock::time_point _retryAt; ///< nothing is sent to it before
    Clock::time_point _tryAt;   ///< nobody looks by himself before
    Figures _figures;
};

/// "3 s", for people; rounded up.
[[nodiscard]] std::string secondsText(UpstreamReach::Clock::duration time);

} // namespace tenon::plugin

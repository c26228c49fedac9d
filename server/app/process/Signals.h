#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace tenon::app
{

/// Orders to the process, from signals and from the control socket, and the last resort if one to stop is not obeyed.
///
/// A thread waits for the signals, which all threads have to block (`block`). The first SIGTERM, SIGINT or SIGQUIT is an
/// order to stop, and sets a time by which the process ends, whatever its other threads are in; the second one ends it at
/// once. SIGHUP is an order to read the settings again.
///
/// Threading: any thread.
class Signals
{
public:
    enum class Kind
    {
        STOP,
        RELOAD
    };
    struct Order
    {
        Kind kind = Kind::STOP;
        bool hurry = false; ///< somebody at a terminal waits: no lame-duck time
        std::function<void(const std::string& fault)> done =
            {}; ///< of RELOAD, if somebody wants to know; empty text: it is
    };

    /// Ends the process; `why` is for the log, empty if a second signal asked for it. Does not return.
    using Leave = std::function<void(const std::string& why)>;

    /// Blocks the signals for this thread and those it makes, and ignores SIGPIPE. Before any thread is made.
    static void block();

    /// Shape: `hangupStops`: SIGHUP is an order to stop too, from a terminal or client that has gone.
    explicit Signals(Leave leave, bool hangupStops = false);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    /// From an order to stop to the end of the process by force. Until it is set: a few seconds.
    void setPatience(std::chrono::milliseconds patience);

    /// Called once on the signals' thread as soon as there is an order to stop, for who waits for something else than
    /// `next`; at once if there has been one. Empty: nobody.
    void onStop(std::function<void()> told);

    /// Waits for the next order.
    [[nodiscard]] Order next();

    [[nodiscard]] bool stopping();

    /// An order from elsewhere.
    void give(Order order);

private:
    using Clock = std::chrono::steady_clock;

    void run();
    int waitForSignal();
    void received(int number);

    const Leave _leave;
    const bool _hangupStops;

    std::mutex _mutex; // guards all below
    std::condition_variable _news;
    std::deque<Order> _orders;
    std::chrono::milliseconds _patience;
    std::optional<Clock::time_point> _deadline; ///< set: told to stop
    std::function<void()> _told;
    bool _ending = false;

    std::thread _thread; // last: it uses all of the above
};

} // namespace tenon::app

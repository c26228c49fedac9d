#pragma once

#include "plugin/call/LoadException.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace tenon::plugin
{

/// What the ABI calls the [main-thread] of one plugin in this process: one step at a time, each within a time limit.
///
/// A plugin that does not return from a step keeps the thread, and counts as hung from then on: no other step begins, so
/// nobody waits for it a second time.
///
/// Threading: one thread at a time; `hung` on any.
class MainThread
{
public:
    MainThread(std::string plugin, std::chrono::milliseconds patience) : _plugin(std::move(plugin)), _patience(patience)
    {
    }
    MainThread(const MainThread&) = delete;
    MainThread& operator=(const MainThread&) = delete;

    /// Runs `work` on a thread of its own and gives what it gives.
    ///
    /// Shape:     `step` completes "its … did not return within 10000 ms".
    /// Errors:    what `work` throws; LoadException if it does not return in time, if an earlier step did not, or if no
    ///            thread can be started.
    /// Ownership: `work` may outlive the call: it owns what it uses.
    template <typename Work>
    auto run(const char* step, Work work) -> decltype(work())
    {
        using Result = decltype(work());
        auto task = std::make_shared<std::packaged_task<Result()>>(std::move(work));
        auto outcome = task->get_future();
        begin(step,
              [task]() mutable
              {
                  (*task)();
                  task.reset();
              });
        task.reset(); // what the work owns goes on its own thread
        if (outcome.wait_for(_patience) != std::future_status::ready)
            giveUp(step);
        return outcome.get();
    }

    /// Whether the plugin has not returned from a step.
    [[nodiscard]] bool hung() const noexcept { return _hung.load(std::memory_order_acquire); }

private:
    void begin(const char* step, std::function<void()> work);
    [[noreturn]] void giveUp(const char* step);

    const std::string _plugin;
    const std::chrono::milliseconds _patience;
    std::atomic<bool> _hung{false};
};

} // namespace tenon::plugin

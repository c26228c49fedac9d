#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <thread>

namespace tenon::filesystem
{

/// A thread that comes and goes. Stopping does not wait for it, so that it may be stopped under locks that its function
/// takes; who has ended is joined at the next start, and all are joined by the destructor.
///
/// Threading: one thread at a time; `Body` runs on the thread and returns soon once `stopping` is set and it was woken.
class RestartableThread
{
public:
    using Body = std::function<void(const std::atomic<bool>& stopping)>;

    RestartableThread() = default;
    RestartableThread(const RestartableThread&) = delete;
    RestartableThread& operator=(const RestartableThread&) = delete;
    ~RestartableThread() { stopAndJoin(); }

    bool isRunning() const { return _current != nullptr; }

    void start(Body body)
    {
        joinEnded();
        auto run = std::make_unique<Run>();
        Run* const raw = run.get();
        run->thread = std::thread(
            [raw, body = std::move(body)]
            {
                body(raw->stopping);
                raw->ended = true;
            });
        _current = raw;
        _runs.push_back(std::move(run));
    }

    /// Wake the body yourself afterwards.
    void stop()
    {
        if (_current)
            _current->stopping = true;
        _current = nullptr;
    }

    void stopAndJoin()
    {
        stop();
        for (const auto& run : _runs)
            run->thread.join();
        _runs.clear();
    }

private:
    struct Run
    {
        std::thread thread;
        std::atomic<bool> stopping{false};
        std::atomic<bool> ended{false};
    };

    void joinEnded()
    {
        _runs.remove_if(
            [](const std::unique_ptr<Run>& run)
            {
                if (!run->ended)
                    return false;
                run->thread.join();
                return true;
            });
    }

    std::list<std::unique_ptr<Run>> _runs;
    Run* _current = nullptr;
};

} // namespace tenon::filesystem

#include <tenon/plugin.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

/// One thread that answers all calls: while they wait, they hold no thread of the server.
class Worker
{
public:
    void start()
    {
        _thread = std::thread([this] { run(); });
    }

    void stop()
    {
        {
            const std::lock_guard<std::mutex> lock(_mutex);
            _stopped = true;
        }
        _changed.notify_one();
        _thread.join();
    }

    void add(tenon::AsyncCall call, std::string text)
    {
        {
            const std::lock_guard<std::mutex> lock(_mutex);
            _jobs.emplace_back(std::move(call), std::move(text));
        }
        _changed.notify_one();
    }

private:
    void run()
    {
        std::unique_lock<std::mutex> lock(_mutex);
        while (!_stopped)
        {
            if (_jobs.empty())
            {
                _changed.wait(lock);
                continue;
            }
            auto [call, text] = std::move(_jobs.front());
            _jobs.pop_front();
            lock.unlock();
            if (text.empty())
                call.fail("There is nothing to turn round: give a text.");
            else
                call.finish(std::string(text.rbegin(), text.rend()));
            lock.lock();
        }
    }

    std::mutex _mutex;
    std::condition_variable _changed;
    std::deque<std::pair<tenon::AsyncCall, std::string>> _jobs;
    bool _stopped = false;
    std::thread _thread;
};

TENON_PLUGIN("async", "1.0.0", plugin)
{
    auto& worker = plugin.make<Worker>();
    plugin.onStart([&worker] { worker.start(); });
    plugin.onStop([&worker] { worker.stop(); });

    plugin.tool("reverse", "Turns a text round")
        .param<std::string>("text", "The text")
        .handleAsync([&worker](tenon::AsyncCall call, std::string text)
                     { worker.add(std::move(call), std::move(text)); });
}

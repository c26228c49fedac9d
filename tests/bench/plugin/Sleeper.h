#pragma once

#include <tenon/plugin.hpp>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

/// Ends calls when their time has come, all of them on one thread of its own.
///
/// Threading: any thread.
class Sleeper
{
public:
    using Clock = std::chrono::steady_clock;

    Sleeper() : _thread([this] { run(); }) {}
    ~Sleeper();

    void add(tenon::AsyncCall call, std::chrono::milliseconds delay);

private:
    void run();

    std::mutex _mutex; // guards all but _thread
    std::condition_variable _changed;
    std::multimap<Clock::time_point, tenon::AsyncCall> _calls;
    bool _stopping = false;

    std::thread _thread;
};

#pragma once

#include <atomic>
#include <mutex>

namespace tenon::base
{

/// Has something done once, by whoever comes first; the others wait for it. What throws is not done: who comes next tries.
///
/// Not std::call_once: where what it calls throws, whoever comes later waits for ever with some systems' pthread_once, and
/// under ThreadSanitizer.
///
/// Threading: any thread.
class Once
{
public:
    template <typename Work>
    void operator()(Work&& work)
    {
        if (_done.load(std::memory_order_acquire))
            return;
        const std::lock_guard lock(_mutex);
        if (_done.load(std::memory_order_relaxed))
            return;
        work();
        _done.store(true, std::memory_order_release);
    }

private:
    std::mutex _mutex; // held while it is done
    std::atomic<bool> _done{false};
};

} // namespace tenon::base

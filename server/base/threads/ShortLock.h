#pragma once

#include <atomic>
#include <thread>

namespace tenon::base
{

/// A lock for the few instructions that a pointer's copy or a list's link takes: half as dear as a mutex where nobody
/// else wants it. Who finds it taken lets other threads run. Never held while anything is called that may wait.
///
/// Threading: any thread; for std::lock_guard.
class ShortLock
{
public:
    void lock() noexcept
    {
        while (_taken.exchange(true, std::memory_order_acquire))
            std::this_thread::yield();
    }
    void unlock() noexcept { _taken.store(false, std::memory_order_release); }

private:
    std::atomic<bool> _taken{false};
};

} // namespace tenon::base

#include "base/limits/LargeTurn.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tenon::base
{

namespace
{

constexpr std::chrono::seconds PATIENCE{1};

/// Not the library's counting_semaphore: who waits for that with a time limit looks now and then, for up to 64 ms in between,
/// so that turns are left unused while many threads get up in vain.
struct Turns
{
    std::mutex mutex; // guards the number
    std::ptrdiff_t left = LargeTurn::most();
    std::condition_variable returned;
};

Turns& turns()
{
    static Turns all;
    return all;
}

thread_local bool inTurn = false;

} // namespace

bool LargeTurn::take()
{
    if (inTurn)
        return false;
    Turns& all = turns();
    std::unique_lock lock(all.mutex);
    if (!all.returned.wait_for(lock, PATIENCE, [&] { return all.left > 0; }))
        return false;
    --all.left;
    inTurn = true;
    return true;
}

void LargeTurn::giveBack()
{
    inTurn = false;
    Turns& all = turns();
    {
        const std::lock_guard lock(all.mutex);
        ++all.left;
    }
    all.returned.notify_one();
}

std::ptrdiff_t LargeTurn::most() noexcept
{
    return std::max<std::ptrdiff_t>(2, std::thread::hardware_concurrency());
}

} // namespace tenon::base

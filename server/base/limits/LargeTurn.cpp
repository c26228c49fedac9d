#include "base/limits/LargeTurn.h"

#include <algorithm>
#include <chrono>
#include <semaphore>
#include <thread>

namespace tenon::base
{

namespace
{

constexpr std::chrono::seconds PATIENCE{1};

std::counting_semaphore<>& turns()
{
    static std::counting_semaphore<> all(LargeTurn::most());
    return all;
}

thread_local bool inTurn = false;

} // namespace

bool LargeTurn::take()
{
    if (inTurn || !turns().try_acquire_for(PATIENCE))
        return false;
    inTurn = true;
    return true;
}

void LargeTurn::giveBack()
{
    inTurn = false;
    turns().release();
}

std::ptrdiff_t LargeTurn::most() noexcept
{
    return std::max<std::ptrdiff_t>(2, std::thread::hardware_concurrency());
}

} // namespace tenon::base

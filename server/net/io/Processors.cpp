#include "net/io/Processors.h"

#include <algorithm>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

namespace tenon::net
{

std::size_t usableProcessors() noexcept
{
#if defined(__linux__)
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0)
        return std::max<std::size_t>(1, static_cast<std::size_t>(CPU_COUNT(&set)));
#endif
    return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

} // namespace tenon::net

#include "net/front/Pulse.h"

#if defined(__linux__)
#include <array>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tenon::net
{

#if defined(__linux__)

namespace
{

constexpr std::int64_t PATIENCE_NS = 2'000'000;

/// Whether the thread has a processor, or waits for nothing else.
bool isRunnable(long thread) noexcept
{
    std::array<char, 64> path;
    std::snprintf(path.data(), path.size(), "/proc/self/task/%ld/stat", thread);
    const int file = ::open(path.data(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    std::array<char, 128> text;
    const ssize_t got = ::read(file, text.data(), text.size());
    ::close(file);
    if (got <= 0)
        return false;
    // "number (name) R …"; names have 15 bytes at most, and may hold a bracket.
    const void* const bracket = ::memrchr(text.data(), ')', static_cast<std::size_t>(got));
    const char* const state = static_cast<const char*>(bracket) + 2;
    return bracket != nullptr && state < text.data() + got && *state == 'R';
}

/// Negative: the system does not say.
std::int64_t readNs(clockid_t clock) noexcept
{
    timespec time{};
    if (::clock_gettime(clock, &time) != 0)
        return -1;
    return std::int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

/// What the thread has computed so far; negative: it cannot be said.
std::int64_t computedNs(long thread) noexcept
{
    // As the C library's pthread_getcpuclockid makes it: the number inverted, of one thread, by the scheduler's clock.
    return readNs(static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3) | 6U));
}

} // namespace

void Pulse::begin() noexcept
{
    _thread.store(::syscall(SYS_gettid), std::memory_order_relaxed);
}

bool Pulse::held() noexcept
{
    const long thread = _thread.load(std::memory_order_relaxed);
    if (thread == 0 || !isRunnable(thread))
        return true;
    const std::int64_t computed = computedNs(thread);
    if (_computedNs < 0)
        _computedNs = computed;
    return computed < 0 || computed - _computedNs >= PATIENCE_NS;
}

std::chrono::nanoseconds Pulse::computed() noexcept
{
    return std::chrono::nanoseconds(readNs(CLOCK_THREAD_CPUTIME_ID));
}

#else

std::chrono::nanoseconds Pulse::computed() noexcept
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

void Pulse::begin() noexcept {}

bool Pulse::held() noexcept
{
    return true;
}

#endif

} // namespace tenon::net

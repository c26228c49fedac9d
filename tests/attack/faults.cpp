// Preloaded into a server: makes what the system gives fail every so often, as an attack tells it in a file that both map.
//
// The file `TENON_FAULTS` holds numbers of 32 bits: how many seconds the wall clock is ahead, then two arrays of KINDS: how
// often each kind fails (0: never; 3: every third time), and how often it has.

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <exception>
#include <execinfo.h>
#include <fcntl.h>
#include <new>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

namespace
{

enum Kind
{
    ALLOCATION,
    NOTHROW,
    THREAD,
    ACCEPT,
    OPEN,
    WRITE,
    SEND,
    KINDS
};

struct Orders
{
    std::atomic<std::int32_t> aheadSeconds;
    std::atomic<std::uint32_t> every[KINDS];
    std::atomic<std::uint32_t> failed[KINDS];
};

template <typename Function>
Function* next(const char* name)
{
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

Orders* orders()
{
    static Orders* const mapped = []() -> Orders*
    {
        const char* path = std::getenv("TENON_FAULTS");
        if (!path)
            return nullptr;
        static auto* const plainOpen = next<int(const char*, int, ...)>("open");
        const int file = plainOpen(path, O_RDWR | O_CLOEXEC);
        if (file < 0)
            return nullptr;
        void* const at = ::mmap(nullptr, sizeof(Orders), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        ::close(file);
        return at == MAP_FAILED ? nullptr : static_cast<Orders*>(at);
    }();
    return mapped;
}

bool fails(Kind kind)
{
    static std::atomic<std::uint32_t> counters[KINDS];
    Orders* const told = orders();
    const std::uint32_t every = told ? told->every[kind].load(std::memory_order_relaxed) : 0;
    if (every == 0 || counters[kind].fetch_add(1, std::memory_order_relaxed) % every != every - 1)
        return false;
    told->failed[kind].fetch_add(1, std::memory_order_relaxed);
    return true;
}

template <typename Result>
Result refuse(int error)
{
    errno = error;
    return static_cast<Result>(-1);
}

bool isSocket(int descriptor)
{
    int type = 0;
    socklen_t size = sizeof type;
    const int before = errno;
    const bool is = ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
    errno = before;
    return is;
}

/// Says where a process ends that must not.
struct Mourner
{
    Mourner()
    {
        if (orders())
            std::set_terminate(
                []
                {
                    for (auto& every : orders()->every)
                        every = 0;
                    void* frames[64];
                    const int count = ::backtrace(frames, 64);
                    ::backtrace_symbols_fd(frames, count, STDERR_FILENO);
                    std::abort();
                });
    }
} const mourner;

} // namespace

void* operator new(std::size_t size)
{
    static auto* const plain = next<void*(std::size_t)>("_Znwm");
    if (fails(ALLOCATION))
        throw std::bad_alloc();
    return plain(size);
}

void* operator new[](std::size_t size)
{
    static auto* const plain = next<void*(std::size_t)>("_Znam");
    if (fails(ALLOCATION))
        throw std::bad_alloc();
    return plain(size);
}

// Of those that throw nothing, whose callers have to look: a parser of JSON, above all.
void* operator new(std::size_t size, const std::nothrow_t& nothing) noexcept
{
    static auto* const plain = next<void*(std::size_t, const std::nothrow_t&)>("_ZnwmRKSt9nothrow_t");
    return fails(NOTHROW) ? nullptr : plain(size, nothing);
}

void* operator new[](std::size_t size, const std::nothrow_t& nothing) noexcept
{
    static auto* const plain = next<void*(std::size_t, const std::nothrow_t&)>("_ZnamRKSt9nothrow_t");
    return fails(NOTHROW) ? nullptr : plain(size, nothing);
}

extern "C"
{

    int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument)
    {
        static auto* const plain =
            next<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
        return fails(THREAD) ? EAGAIN : plain(thread, attributes, start, argument);
    }

    int accept(int descriptor, sockaddr* address, socklen_t* length)
    {
        static auto* const plain = next<int(int, sockaddr*, socklen_t*)>("accept");
        return fails(ACCEPT) ? refuse<int>(EMFILE) : plain(descriptor, address, length);
    }

    int accept4(int descriptor, sockaddr* address, socklen_t* length, int flags)
    {
        static auto* const plain = next<int(int, sockaddr*, socklen_t*, int)>("accept4");
        return fails(ACCEPT) ? refuse<int>(EMFILE) : plain(descriptor, address, length, flags);
    }

    int open(const char* path, int flags, ...)
    {
        static auto* const plain = next<int(const char*, int, ...)>("open");
        std::va_list more;
        va_start(more, flags);
        const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
        va_end(more);
        return fails(OPEN) ? refuse<int>(EMFILE) : plain(path, flags, mode);
    }

    int open64(const char* path, int flags, ...)
    {
        static auto* const plain = next<int(const char*, int, ...)>("open64");
        std::va_list more;
        va_start(more, flags);
        const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
        va_end(more);
        return fails(OPEN) ? refuse<int>(EMFILE) : plain(path, flags, mode);
    }

    int clock_gettime(clockid_t clock, timespec* time)
    {
        static auto* const plain = next<int(clockid_t, timespec*)>("clock_gettime");
        const int result = plain(clock, time);
        if (Orders* const told = clock == CLOCK_REALTIME ? orders() : nullptr)
            time->tv_sec += told->aheadSeconds.load(std::memory_order_relaxed);
        return result;
    }

    std::time_t time(std::time_t* to)
    {
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        if (to)
            *to = now.tv_sec;
        return now.tv_sec;
    }

    int gettimeofday(timeval* to, void*)
    {
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        to->tv_sec = now.tv_sec;
        to->tv_usec = now.tv_nsec / 1000;
        return 0;
    }

    ssize_t write(int descriptor, const void* bytes, std::size_t size)
    {
        static auto* const plain = next<ssize_t(int, const void*, std::size_t)>("write");
        if (orders() && !isSocket(descriptor) && fails(WRITE))
            return refuse<ssize_t>(ENOSPC);
        return plain(descriptor, bytes, size);
    }

    ssize_t writev(int descriptor, const iovec* parts, int count)
    {
        static auto* const plain = next<ssize_t(int, const iovec*, int)>("writev");
        if (fails(isSocket(descriptor) ? SEND : WRITE))
            return refuse<ssize_t>(ENOBUFS);
        return plain(descriptor, parts, count);
    }

    ssize_t send(int descriptor, const void* bytes, std::size_t size, int flags)
    {
        static auto* const plain = next<ssize_t(int, const void*, std::size_t, int)>("send");
        return fails(SEND) ? refuse<ssize_t>(ENOBUFS) : plain(descriptor, bytes, size, flags);
    }

    ssize_t sendmsg(int descriptor, const msghdr* message, int flags)
    {
        static auto* const plain = next<ssize_t(int, const msghdr*, int)>("sendmsg");
        return fails(SEND) ? refuse<ssize_t>(ENOBUFS) : plain(descriptor, message, flags);
    }
}

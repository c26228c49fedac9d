#include "plugin/worker/channel/Arrivals.h"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

[[noreturn]] void cannotWait()
{
    throw std::system_error(errno, std::generic_category(), "cannot wait for the server");
}

} // namespace

struct Arrivals::System
{
    System() : poll(epoll_create1(EPOLL_CLOEXEC)), help(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~System()
    {
        close(help);
        close(poll);
    }

    /// Shape: `stream` is the number of the stream that is watched; 0: it is the call for help.
    [[nodiscard]] bool control(int operation, int descriptor, std::uint32_t events, std::uint64_t stream) const
    {
        epoll_event event{};
        // Told once for what comes; who takes it is told of the rest by `untaken`, which costs no call to the system.
        event.events = events | EPOLLET;
        event.data.u64 = stream;
        return epoll_ctl(poll, operation, descriptor, &event) == 0;
    }

    /// A thread that was told of an earlier stream may come later.
    void noteEnd(std::uint64_t stream)
    {
        auto seen = ended.load(std::memory_order_relaxed);
        while (seen < stream && !ended.compare_exchange_weak(seen, stream, std::memory_order_acq_rel))
            continue;
    }

    const int poll, help;
    std::atomic<int> untaken{0};         ///< times that frames have come since somebody began to take them
    std::atomic<std::uint64_t> ended{0}; ///< the number of the last stream whose end was told

    // Of the thread that takes frames.
    int channel = -1;          ///< that is watched
    std::uint64_t streams = 0; ///< that were watched: the number of this one
    bool room = false;
};

Arrivals::Arrivals() : _system(std::make_unique<System>())
{
    if (!_system->control(EPOLL_CTL_ADD, _system->help, EPOLLIN, 0))
        cannotWait();
}

Arrivals::~Arrivals() = default;

void Arrivals::watch(ByteStream& stream)
{
    _system->room = false;
    // A thread may still be telling of the stream before.
    if (!_system->control(EPOLL_CTL_ADD, stream.descriptor(), EPOLLIN | EPOLLRDHUP, ++_system->streams))
        cannotWait();
    _system->channel = stream.descriptor();
}

/// Not left to the descriptor's end: a process that was forked may hold it open.
void Arrivals::unwatch()
{
    if (_system->channel >= 0)
        epoll_ctl(_system->poll, EPOLL_CTL_DEL, _system->channel, nullptr);
    _system->channel = -1;
}

void Arrivals::watchRoom(bool wanted)
{
    if (wanted == _system->room || _system->channel < 0)
        return;
    const std::uint32_t events = EPOLLIN | EPOLLRDHUP;
    if (_system->control(EPOLL_CTL_MOD, _system->channel, wanted ? events | EPOLLOUT : events, _system->streams))
        _system->room = wanted;
}

Arrivals::News Arrivals::wait(int timeoutMs)
{
    for (;;)
    {
        epoll_event event{};
        const int events = epoll_wait(_system->poll, &event, 1, timeoutMs);
        if (events == 0)
            return News::NOTHING;
        if (events < 0)
            continue;
        if (event.data.u64 == 0)
            return News::HELP;
        if (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
            _system->noteEnd(event.data.u64);
        if (demand())
            return News::FRAMES;
    }
}

bool Arrivals::taken()
{
    int seen = 1;
    if (_system->untaken.compare_exchange_strong(seen, 0, std::memory_order_acq_rel))
        return true;
    _system->untaken.store(1, std::memory_order_release);
    return false;
}

bool Arrivals::demand()
{
    return _system->untaken.fetch_add(1, std::memory_order_acq_rel) == 0;
}

bool Arrivals::hasEnded() const
{
    return _system->ended.load(std::memory_order_acquire) == _system->streams;
}

void Arrivals::callHelp()
{
    eventfd_write(_system->help, 1);
}

} // namespace tenon::plugin

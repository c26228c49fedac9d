#include "plugin/worker/channel/Arrivals.h"

#include <Poco/Exception.h>

#include <atomic>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace tenon::plugin
{

struct Arrivals::System
{
    explicit System(int watched)
        : channel(watched), poll(epoll_create1(EPOLL_CLOEXEC)), help(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
    }
    ~System()
    {
        close(help);
        close(poll);
    }

    const int channel, poll, help;
    std::atomic<int> untaken{0}; ///< times that frames have come since somebody began to take them
};

Arrivals::Arrivals(int descriptor) : _system(std::make_unique<System>(descriptor))
{
    epoll_event frames{};
    // Told once for what comes; who takes it is told of the rest by `untaken`, which costs no call to the system.
    frames.events = EPOLLIN | EPOLLET;
    frames.data.fd = descriptor;
    epoll_event help{};
    help.events = EPOLLIN | EPOLLET;
    help.data.fd = _system->help;
    if (epoll_ctl(_system->poll, EPOLL_CTL_ADD, descriptor, &frames) != 0 ||
        epoll_ctl(_system->poll, EPOLL_CTL_ADD, _system->help, &help) != 0)
        throw Poco::SystemException("cannot wait for the server", errno);
}

Arrivals::~Arrivals() = default;

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
        if (event.data.fd == _system->help)
            return News::HELP;
        if (_system->untaken.fetch_add(1, std::memory_order_acq_rel) == 0)
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

void Arrivals::callHelp()
{
    eventfd_write(_system->help, 1);
}

} // namespace tenon::plugin

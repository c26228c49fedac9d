#include "plugin/worker/channel/Arrivals.h"

#include <Poco/Exception.h>

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
};

Arrivals::Arrivals(int descriptor) : _system(std::make_unique<System>(descriptor))
{
    epoll_event frames{};
    frames.events = EPOLLIN | EPOLLONESHOT;
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
        if (events > 0)
            return event.data.fd == _system->help ? News::HELP : News::FRAMES;
        if (events == 0)
            return News::NOTHING;
    }
}

void Arrivals::rearm()
{
    epoll_event frames{};
    frames.events = EPOLLIN | EPOLLONESHOT;
    frames.data.fd = _system->channel;
    epoll_ctl(_system->poll, EPOLL_CTL_MOD, _system->channel, &frames);
}

void Arrivals::callHelp()
{
    eventfd_write(_system->help, 1);
}

} // namespace tenon::plugin

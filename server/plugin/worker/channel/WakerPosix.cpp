#include "plugin/worker/channel/Waker.h"

#include <cerrno>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace tenon::plugin
{

Waker::Waker() : _descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (_descriptor < 0)
        throw std::system_error(errno, std::generic_category());
}

Waker::~Waker()
{
    close(static_cast<int>(_descriptor));
}

void Waker::raise() noexcept
{
    const std::uint64_t one = 1;
    // Full means raised.
    [[maybe_unused]] const auto written = write(static_cast<int>(_descriptor), &one, sizeof one);
}

void Waker::lower() noexcept
{
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(static_cast<int>(_descriptor), &count, sizeof count);
}

void Waker::wait(int timeoutMs) const noexcept
{
    pollfd ready{static_cast<int>(_descriptor), POLLIN, 0};
    poll(&ready, 1, timeoutMs);
}

} // namespace tenon::plugin

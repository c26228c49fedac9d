#include "Waker.h"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace tenon::attach
{

Waker::Waker() : _descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    if (_descriptor < 0)
        throw std::system_error(errno, std::generic_category());
}

Waker::~Waker()
{
    close(_descriptor);
}

void Waker::raise() noexcept
{
    const std::uint64_t one = 1;
    // Full means raised.
    [[maybe_unused]] const auto written = write(_descriptor, &one, sizeof one);
}

void Waker::lower() noexcept
{
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(_descriptor, &count, sizeof count);
}

} // namespace tenon::attach

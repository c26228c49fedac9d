#include "plugin/worker/channel/Waker.h"

#include <system_error>

#include <windows.h>

namespace tenon::plugin
{

namespace
{

HANDLE handleOf(std::intptr_t descriptor)
{
    return reinterpret_cast<HANDLE>(descriptor);
}

} // namespace

Waker::Waker() : _descriptor(reinterpret_cast<std::intptr_t>(CreateEventW(nullptr, TRUE, FALSE, nullptr)))
{
    if (_descriptor == 0)
        throw std::system_error(static_cast<int>(GetLastError()), std::system_category());
}

Waker::~Waker()
{
    CloseHandle(handleOf(_descriptor));
}

void Waker::raise() noexcept
{
    SetEvent(handleOf(_descriptor));
}

void Waker::lower() noexcept
{
    ResetEvent(handleOf(_descriptor));
}

void Waker::wait(int timeoutMs) const noexcept
{
    WaitForSingleObject(handleOf(_descriptor), static_cast<DWORD>(timeoutMs));
}

} // namespace tenon::plugin

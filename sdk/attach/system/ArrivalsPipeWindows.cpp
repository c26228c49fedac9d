// Arrivals over a pipe, which tells one thread alone of what it brings: that one waits for the pipe, the others for it.
#include "plugin/worker/channel/Arrivals.h"

#include <atomic>
#include <system_error>

#include <windows.h>

namespace tenon::plugin
{

struct Arrivals::System
{
    ~System()
    {
        for (const HANDLE event : {turn, help, more})
            if (event)
                CloseHandle(event);
    }

    // Each is for one thread, once.
    const HANDLE turn = CreateEventW(nullptr, FALSE, TRUE, nullptr); ///< to wait for the pipe, and take frames
    const HANDLE help = CreateEventW(nullptr, FALSE, FALSE, nullptr);
    const HANDLE more = CreateEventW(nullptr, FALSE, FALSE, nullptr); ///< for the thread that has the turn

    // Of that thread.
    ByteStream* stream = nullptr;
    bool room = false;
};

Arrivals::Arrivals() : _system(std::make_unique<System>())
{
    if (!_system->turn || !_system->help || !_system->more)
        throw std::system_error(static_cast<int>(GetLastError()), std::system_category(), "cannot wait for the server");
}

Arrivals::~Arrivals() = default;

void Arrivals::watch(ByteStream& stream)
{
    _system->stream = &stream;
    _system->room = false;
}

void Arrivals::unwatch()
{
    _system->stream = nullptr;
}

void Arrivals::watchRoom(bool wanted)
{
    _system->room = wanted;
}

Arrivals::News Arrivals::wait(int timeoutMs)
{
    const auto timeout = static_cast<DWORD>(timeoutMs);
    const HANDLE before[] = {_system->help, _system->turn};
    switch (WaitForMultipleObjects(2, before, FALSE, timeout))
    {
    case WAIT_OBJECT_0:
        return News::HELP;
    case WAIT_OBJECT_0 + 1:
        break;
    default:
        return News::NOTHING;
    }
    // Whatever ends this, the thread that has the turn looks at everything.
    if (_system->stream)
        (void)_system->stream->wait(timeoutMs, _system->room, reinterpret_cast<std::intptr_t>(_system->more));
    else
        WaitForSingleObject(_system->more, timeout);
    return News::FRAMES;
}

bool Arrivals::taken()
{
    SetEvent(_system->turn);
    return true;
}

bool Arrivals::demand()
{
    if (WaitForSingleObject(_system->turn, 0) == WAIT_OBJECT_0)
        return true;
    SetEvent(_system->more);
    return false;
}

/// It is found by receiving: a pipe tells of its end as long as it is waited for.
bool Arrivals::hasEnded() const
{
    return false;
}

void Arrivals::callHelp()
{
    SetEvent(_system->more);
    SetEvent(_system->help);
}

} // namespace tenon::plugin

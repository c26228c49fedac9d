// For streams over sockets; those over pipes have their own in libtenon-attach.
#include "plugin/worker/channel/Arrivals.h"

#include <atomic>
#include <system_error>

#include <winsock2.h>

namespace tenon::plugin
{

struct Arrivals::System
{
    ~System()
    {
        WSACloseEvent(frames);
        CloseHandle(help);
        CloseHandle(turn);
    }

    SOCKET channel = INVALID_SOCKET; ///< of the thread that takes frames
    const WSAEVENT frames = WSACreateEvent();
    const HANDLE help = CreateEventW(nullptr, FALSE, FALSE, nullptr);
    const HANDLE turn = CreateEventW(nullptr, FALSE, TRUE, nullptr); ///< who has it waits for frames
    std::atomic<bool> closed{false};
};

Arrivals::Arrivals() : _system(std::make_unique<System>())
{
    if (!_system->help || !_system->turn)
        throw std::system_error(static_cast<int>(GetLastError()), std::system_category(), "cannot wait for the server");
}

Arrivals::~Arrivals()
{
    unwatch();
}

void Arrivals::watch(ByteStream& stream)
{
    _system->channel = static_cast<SOCKET>(static_cast<unsigned>(stream.descriptor()));
    _system->closed = false;
    if (WSAEventSelect(_system->channel, _system->frames, FD_READ | FD_CLOSE) != 0)
        throw std::system_error(WSAGetLastError(), std::system_category(), "cannot wait for the server");
}

void Arrivals::unwatch()
{
    if (_system->channel != INVALID_SOCKET)
        WSAEventSelect(_system->channel, nullptr, 0);
    _system->channel = INVALID_SOCKET;
}

void Arrivals::watchRoom(bool wanted)
{
    if (_system->channel != INVALID_SOCKET)
        WSAEventSelect(_system->channel, _system->frames, FD_READ | FD_CLOSE | (wanted ? FD_WRITE : 0));
}

Arrivals::News Arrivals::wait(int timeoutMs)
{
    const HANDLE before[] = {_system->help, _system->turn};
    const auto timeout = static_cast<DWORD>(timeoutMs);
    switch (WaitForMultipleObjects(2, before, FALSE, timeout))
    {
    case WAIT_OBJECT_0:
        return News::HELP;
    case WAIT_OBJECT_0 + 1:
        break;
    default:
        return News::NOTHING;
    }
    // The end of the connection is told once, perhaps together with the last frames.
    if (_system->closed)
        return News::FRAMES;
    const HANDLE then[] = {_system->help, _system->frames};
    const DWORD found = WaitForMultipleObjects(2, then, FALSE, timeout);
    if (found == WAIT_OBJECT_0 + 1)
    {
        WSANETWORKEVENTS events{};
        WSAEnumNetworkEvents(_system->channel, _system->frames, &events);
        if (events.lNetworkEvents & FD_CLOSE)
            _system->closed = true;
        return News::FRAMES;
    }
    SetEvent(_system->turn);
    return found == WAIT_OBJECT_0 ? News::HELP : News::NOTHING;
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
    WSASetEvent(_system->frames);
    return false;
}

bool Arrivals::hasEnded() const
{
    return _system->closed;
}

void Arrivals::callHelp()
{
    SetEvent(_system->help);
}

} // namespace tenon::plugin

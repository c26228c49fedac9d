#include "plugin/worker/channel/Arrivals.h"

#include <Poco/Exception.h>

#include <atomic>

#include <winsock2.h>

namespace tenon::plugin
{

struct Arrivals::System
{
    explicit System(int descriptor) : channel(static_cast<SOCKET>(static_cast<unsigned>(descriptor))) {}
    ~System()
    {
        WSAEventSelect(channel, nullptr, 0);
        WSACloseEvent(frames);
        CloseHandle(help);
        CloseHandle(turn);
    }

    const SOCKET channel;
    const WSAEVENT frames = WSACreateEvent();
    const HANDLE help = CreateEventW(nullptr, FALSE, FALSE, nullptr);
    const HANDLE turn = CreateEventW(nullptr, FALSE, TRUE, nullptr); ///< who has it waits for frames
    std::atomic<bool> closed{false};
};

Arrivals::Arrivals(int descriptor) : _system(std::make_unique<System>(descriptor))
{
    if (!_system->help || !_system->turn || WSAEventSelect(_system->channel, _system->frames, FD_READ | FD_CLOSE) != 0)
        throw Poco::SystemException("cannot wait for the server", WSAGetLastError());
}

Arrivals::~Arrivals() = default;

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

void Arrivals::callHelp()
{
    SetEvent(_system->help);
}

} // namespace tenon::plugin

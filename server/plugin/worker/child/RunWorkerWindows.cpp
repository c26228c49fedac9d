// How a process becomes a worker on Windows.
#include "plugin/worker/child/RunWorker.h"
#include "plugin/worker/child/WorkerMain.h"
#include "plugin/worker/child/WorkerSystem.h"
#include "plugin/worker/process/ForkProbe.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Exception.h>
#include <Poco/UnicodeConverter.h>

#include <cstdio>
#include <string_view>

#include <winsock2.h>

namespace tenon::plugin
{

namespace
{

/// The channel, as the server describes it on standard input, which is the plugin's no more.
SOCKET takeChannel()
{
    WSAPROTOCOL_INFOW about;
    DWORD size = 0;
    const HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    if (!ReadFile(input, &about, sizeof about, &size, nullptr) || size != sizeof about ||
        !std::freopen("NUL", "r", stdin))
        return INVALID_SOCKET;
    return WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &about, 0,
                      WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
}

} // namespace

std::optional<int> runWorker(int argc, char** argv)
{
    if (argc != 3 || std::string_view(argv[1]) != WorkerProcess::ARGUMENT)
        return {};
    // The system would ask somebody who is not there what to do about a crash.
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    WSADATA about;
    if (WSAStartup(MAKEWORD(2, 2), &about) != 0)
        return 1;
    const SOCKET channel = takeChannel();
    if (channel == INVALID_SOCKET)
        return 1;
    WorkerMain(argv[2], static_cast<int>(channel)).run();
}

void leaveWorker(int status) noexcept
{
    TerminateProcess(GetCurrentProcess(), static_cast<UINT>(status));
    for (;;)
        Sleep(INFINITE);
}

bool canProbeInFork() noexcept
{
    return false;
}

std::map<std::string, std::string> probeInFork(const std::vector<ProbeSubject>&, std::chrono::milliseconds)
{
    return {};
}

} // namespace tenon::plugin

// How a process becomes a worker on Windows.
#include "plugin/worker/ForkProbe.h"
#include "plugin/worker/Worker.h"
#include "plugin/worker/WorkerMain.h"
#include "plugin/worker/WorkerProcess.h"
#include "plugin/worker/WorkerSystem.h"
#include "plugin/worker/Workers.h"

#include <Poco/Exception.h>
#include <Poco/NumberParser.h>
#include <Poco/UnicodeConverter.h>

#include <string_view>

#include <winsock2.h>

namespace tenon::plugin
{

std::optional<int> runWorker(int argc, char** argv)
{
    if (argc != 4 || std::string_view(argv[1]) != WorkerProcess::ARGUMENT)
        return {};
    WSADATA about;
    unsigned channel = 0;
    if (WSAStartup(MAKEWORD(2, 2), &about) != 0 || !Poco::NumberParser::tryParseUnsigned(argv[3], channel))
        return 1;
    // The system would ask somebody who is not there what to do about a crash.
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    WorkerMain(argv[2], static_cast<int>(channel)).run();
}

void leaveWorker(int status) noexcept
{
    TerminateProcess(GetCurrentProcess(), static_cast<UINT>(status));
    for (;;)
        Sleep(INFINITE);
}

std::string ownExecutable()
{
    std::wstring wide(32768, L'\0');
    wide.resize(GetModuleFileNameW(nullptr, wide.data(), static_cast<DWORD>(wide.size())));
    std::string path;
    Poco::UnicodeConverter::toUTF8(wide, path);
    return path;
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

#include "plugin/worker/child/CrashReport.h"

#include <csignal>
#include <cstddef>
#include <cstring>

#include <windows.h>

namespace tenon::plugin
{

namespace
{

char pluginName[128];

void put(const char* text)
{
    DWORD written = 0;
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, static_cast<DWORD>(std::strlen(text)), &written, nullptr);
}

void putCode(DWORD code)
{
    char digits[] = "0x00000000\r\n";
    for (std::size_t at = 9; at > 1; --at, code >>= 4)
        digits[at] = "0123456789ABCDEF"[code & 15];
    put(digits);
}

LONG WINAPI report(EXCEPTION_POINTERS* exception)
{
    const DWORD code = exception->ExceptionRecord->ExceptionCode;
    put("tenon: the plugin '");
    put(pluginName);
    put("' crashed in its worker with exception ");
    putCode(code);
    TerminateProcess(GetCurrentProcess(), code);
    return EXCEPTION_EXECUTE_HANDLER;
}

void reportAbort(int)
{
    put("tenon: the plugin '");
    put(pluginName);
    put("' aborted in its worker\r\n");
    TerminateProcess(GetCurrentProcess(), static_cast<UINT>(STATUS_FATAL_APP_EXIT));
}

} // namespace

void installCrashReport(const std::string& plugin)
{
    std::strncpy(pluginName, plugin.c_str(), sizeof pluginName - 1);
    SetUnhandledExceptionFilter(report);
    std::signal(SIGABRT, reportAbort);
}

void provideSignalStack()
{
    // What is kept of the thread's stack for the report of an overflow.
    ULONG kept = 32 * 1024;
    SetThreadStackGuarantee(&kept);
}

} // namespace tenon::plugin

#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Exception.h>
#include <Poco/UnicodeConverter.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include <winsock2.h>

#include <windows.h>

#include <psapi.h>

namespace tenon::plugin
{

namespace
{

constexpr UINT KILLED = 137;

[[noreturn]] void cannotStart(const std::string& executable)
{
    const DWORD error = GetLastError();
    throw Poco::SystemException("cannot start a worker from " + executable, static_cast<int>(error));
}

/// A handle that is closed with this object.
class Owned
{
public:
    explicit Owned(HANDLE handle) : _handle(handle) {}
    ~Owned()
    {
        if (_handle && _handle != INVALID_HANDLE_VALUE)
            CloseHandle(_handle);
    }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;

    [[nodiscard]] HANDLE get() const { return _handle; }

private:
    const HANDLE _handle;
};

HANDLE openNothing()
{
    SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
    return CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                       OPEN_EXISTING, 0, nullptr);
}

/// A copy that the worker may inherit; standard error is missing in services.
HANDLE inheritableCopy(HANDLE handle)
{
    HANDLE copy = nullptr;
    if (!handle || handle == INVALID_HANDLE_VALUE ||
        !DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, 0, TRUE, DUPLICATE_SAME_ACCESS))
        return openNothing();
    return copy;
}

/// The handles that the worker inherits, and no other.
class InheritedHandles
{
public:
    explicit InheritedHandles(std::vector<HANDLE> handles) : _handles(std::move(handles))
    {
        std::sort(_handles.begin(), _handles.end());
        _handles.erase(std::unique(_handles.begin(), _handles.end()), _handles.end());
        SIZE_T size = 0;
        InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
        _memory.resize(size);
        _good = InitializeProcThreadAttributeList(list(), 1, 0, &size) &&
                UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, _handles.data(),
                                          _handles.size() * sizeof(HANDLE), nullptr, nullptr);
    }
    ~InheritedHandles() { DeleteProcThreadAttributeList(list()); }
    InheritedHandles(const InheritedHandles&) = delete;
    InheritedHandles& operator=(const InheritedHandles&) = delete;

    [[nodiscard]] LPPROC_THREAD_ATTRIBUTE_LIST list()
    {
        return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(_memory.data());
    }
    [[nodiscard]] bool good() const { return _good; }

private:
    std::vector<HANDLE> _handles;
    std::vector<char> _memory;
    bool _good = false;
};

/// A job whose processes end with its last handle, which is this process's: a worker never outlives the server.
HANDLE makeJob()
{
    const HANDLE job = CreateJobObjectW(nullptr, nullptr);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (job)
        SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    return job;
}

/// Names of plugins have no quotation marks, they are names of files.
std::wstring commandLine(const std::string& executable, const std::string& name)
{
    std::wstring line;
    Poco::UnicodeConverter::toUTF16("\"" + executable + "\" " + WorkerProcess::ARGUMENT + " \"" + name + "\"", line);
    return line;
}

/// As the system wants it: each variable with its end, and an end behind the last.
std::wstring environmentBlock(const std::map<std::string, std::string>& more)
{
    std::wstring block;
    for (const auto& variable : workerEnvironment(more))
    {
        std::wstring wide;
        Poco::UnicodeConverter::toUTF16(variable, wide);
        block += wide + L'\0';
    }
    return block + L'\0';
}

/// A pipe whose end to read from is inherited.
std::pair<HANDLE, HANDLE> makePipe()
{
    SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
    HANDLE readEnd = nullptr, writeEnd = nullptr;
    if (!CreatePipe(&readEnd, &writeEnd, &inherited, 0))
        throw Poco::SystemException("cannot start a worker", static_cast<int>(GetLastError()));
    SetHandleInformation(writeEnd, HANDLE_FLAG_INHERIT, 0);
    return {readEnd, writeEnd};
}

/// Makes the channel's end the worker's, which is told how to take it.
bool handOver(int channel, const PROCESS_INFORMATION& worker, HANDLE pipe)
{
    WSAPROTOCOL_INFOW about{};
    DWORD written = 0;
    return WSADuplicateSocketW(static_cast<SOCKET>(static_cast<unsigned>(channel)), worker.dwProcessId, &about) == 0 &&
           WriteFile(pipe, &about, sizeof about, &written, nullptr) && written == sizeof about;
}

} // namespace

WorkerProcess::WorkerProcess(const WorkerStart& start)
{
    // Its standard input brings the channel; sockets are not inherited by all that is between them and the system.
    const auto [readEnd, writeEnd] = makePipe();
    const Owned input(readEnd), pipe(writeEnd);
    // A plugin's printf must reach neither the protocol on the server's standard output nor a client.
    const Owned error(inheritableCopy(GetStdHandle(STD_ERROR_HANDLE)));
    InheritedHandles inherited({input.get(), error.get()});

    STARTUPINFOEXW startup{};
    startup.StartupInfo.cb = sizeof startup;
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    startup.StartupInfo.hStdInput = input.get();
    startup.StartupInfo.hStdOutput = error.get();
    startup.StartupInfo.hStdError = error.get();
    startup.lpAttributeList = inherited.list();

    std::wstring line = commandLine(start.executable, start.plugin);
    std::wstring program;
    Poco::UnicodeConverter::toUTF16(start.executable, program);
    std::wstring environment = environmentBlock(start.environment);
    // A group of its own: Ctrl-C of the terminal is the server's to obey, and it tells its workers. Suspended, so that
    // nothing of it runs outside of the job.
    constexpr DWORD FLAGS = CREATE_SUSPENDED | CREATE_NEW_PROCESS_GROUP | EXTENDED_STARTUPINFO_PRESENT |
                            CREATE_UNICODE_ENVIRONMENT | CREATE_NO_WINDOW;
    PROCESS_INFORMATION made{};
    if (!inherited.good() || !CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, FLAGS,
                                             environment.data(), nullptr, &startup.StartupInfo, &made))
        cannotStart(start.executable);
    _process = made.hProcess;
    _id = static_cast<int>(made.dwProcessId);
    const Owned thread(made.hThread);
    _job = makeJob();
    if (!_job || !AssignProcessToJobObject(_job, made.hProcess) || !handOver(start.channel, made, pipe.get()))
    {
        const DWORD cause = GetLastError();
        TerminateProcess(_process, KILLED);
        CloseHandle(_process);
        if (_job)
            CloseHandle(_job);
        SetLastError(cause);
        cannotStart(start.executable);
    }
    ResumeThread(made.hThread);
}

WorkerProcess::~WorkerProcess()
{
    kill();
    WaitForSingleObject(_process, INFINITE);
    CloseHandle(_process);
    CloseHandle(_job);
}

void WorkerProcess::kill() noexcept
{
    if (!_ended)
        TerminateJobObject(_job, KILLED);
}

bool WorkerProcess::wait(std::chrono::milliseconds timeout)
{
    if (!_ended && WaitForSingleObject(_process, static_cast<DWORD>(timeout.count())) == WAIT_OBJECT_0)
    {
        DWORD status = 0;
        GetExitCodeProcess(_process, &status);
        _status = static_cast<int>(status);
        _ended = true;
    }
    return _ended;
}

std::string WorkerProcess::end() const
{
    struct Known
    {
        DWORD code;
        const char* name;
    };
    static constexpr std::array<Known, 5> KNOWN = {{{STATUS_ACCESS_VIOLATION, "access violation"},
                                                    {STATUS_STACK_OVERFLOW, "stack overflow"},
                                                    {STATUS_INTEGER_DIVIDE_BY_ZERO, "division by zero"},
                                                    {STATUS_ILLEGAL_INSTRUCTION, "illegal instruction"},
                                                    {STATUS_NO_MEMORY, "no memory"}}};
    const auto status = static_cast<DWORD>(_status);
    if (status < 0xC0000000U)
        return "exit status " + std::to_string(status);
    char code[16];
    std::snprintf(code, sizeof code, "0x%08lX", status);
    const auto known = std::find_if(KNOWN.begin(), KNOWN.end(), [&](const Known& one) { return one.code == status; });
    return std::string("exception ") + code + (known != KNOWN.end() ? std::string(" (") + known->name + ")" : "");
}

std::uint64_t residentBytesOf(int id)
{
    const Owned process(
        OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_VM_READ, FALSE, static_cast<DWORD>(id)));
    PROCESS_MEMORY_COUNTERS counters{};
    if (!process.get() || !GetProcessMemoryInfo(process.get(), &counters, sizeof counters))
        return 0;
    return counters.WorkingSetSize;
}

std::string ownExecutable()
{
    std::wstring wide(32768, L'\0');
    wide.resize(GetModuleFileNameW(nullptr, wide.data(), static_cast<DWORD>(wide.size())));
    std::string path;
    Poco::UnicodeConverter::toUTF8(wide, path);
    return path;
}

} // namespace tenon::plugin

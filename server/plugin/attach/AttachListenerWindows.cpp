#include "plugin/attach/AttachListener.h"

#include "plugin/call/LoadException.h"
#include "plugin/worker/channel/PipeStream.h"

#include <Poco/UnicodeConverter.h>

#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <windows.h>

#include <sddl.h>

namespace tenon::plugin
{

namespace
{

constexpr DWORD BUFFER = 64 * 1024;
constexpr auto PAUSE_WITHOUT_PIPES = std::chrono::milliseconds(50);
// What the group may: read and write, but make no pipe of the same name.
constexpr const char* GROUP_RIGHTS = "0x12019b";

std::wstring wide(const std::string& text)
{
    std::wstring made;
    Poco::UnicodeConverter::toUTF16(text, made);
    return made;
}

[[noreturn]] void fail(const std::string& place)
{
    const DWORD error = GetLastError();
    throw LoadException(
        "attach.socket: cannot listen at " + place +
        (error == ERROR_ACCESS_DENIED ? ": another server listens there" : ": error " + std::to_string(error)));
}

std::string sidText(PSID sid)
{
    LPSTR text = nullptr;
    if (!ConvertSidToStringSidA(sid, &text))
        return {};
    std::string made(text);
    LocalFree(text);
    return made;
}

/// Of a user or a group; empty if there is none.
std::string sidOf(const std::string& account)
{
    const std::wstring name = wide(account);
    DWORD size = 0, domainSize = 0;
    SID_NAME_USE use{};
    LookupAccountNameW(nullptr, name.c_str(), nullptr, &size, nullptr, &domainSize, &use);
    if (size == 0)
        return {};
    std::vector<char> sid(size);
    std::vector<wchar_t> domain(domainSize + 1);
    if (!LookupAccountNameW(nullptr, name.c_str(), sid.data(), &size, domain.data(), &domainSize, &use))
        return {};
    return sidText(sid.data());
}

/// Whose process it is, as the text of a SID; empty if the system does not tell.
std::string userOf(DWORD process)
{
    std::string user;
    const HANDLE opened = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process);
    HANDLE token = nullptr;
    if (opened && OpenProcessToken(opened, TOKEN_QUERY, &token))
    {
        DWORD size = 0;
        GetTokenInformation(token, TokenUser, nullptr, 0, &size);
        std::vector<char> space(size);
        if (size > 0 && GetTokenInformation(token, TokenUser, space.data(), size, &size))
            user = sidText(reinterpret_cast<TOKEN_USER*>(space.data())->User.Sid);
        CloseHandle(token);
    }
    if (opened)
        CloseHandle(opened);
    return user;
}

} // namespace

struct AttachListener::System
{
    System(std::string where, const std::string& group) : place(std::move(where))
    {
        std::string rights = "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)";
        if (const std::string sid = group.empty() ? std::string() : sidOf(group); !sid.empty())
            rights += std::string("(A;;") + GROUP_RIGHTS + ";;;" + sid + ")";
        if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(rights.c_str(), SDDL_REVISION_1, &descriptor,
                                                                  nullptr))
            fail(place);
        connected.hEvent = CreateEventW(nullptr, TRUE, FALSE, nullptr);
        listen(FILE_FLAG_FIRST_PIPE_INSTANCE);
        if (pipe == INVALID_HANDLE_VALUE)
            fail(place);
    }
    ~System()
    {
        close();
        CloseHandle(connected.hEvent);
        LocalFree(descriptor);
    }
    System(const System&) = delete;
    System& operator=(const System&) = delete;

    /// Makes the pipe that the next program connects to. `pipe` is invalid if there can be none.
    void listen(DWORD more = 0)
    {
        SECURITY_ATTRIBUTES security{sizeof security, descriptor, FALSE};
        pipe = CreateNamedPipeW(wide(place).c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | more,
                                PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                                PIPE_UNLIMITED_INSTANCES, BUFFER, BUFFER, 0, &security);
        if (pipe == INVALID_HANDLE_VALUE)
            return;
        ResetEvent(connected.hEvent);
        if (ConnectNamedPipe(pipe, &connected) || GetLastError() == ERROR_PIPE_CONNECTED)
            SetEvent(connected.hEvent);
        else if (GetLastError() != ERROR_IO_PENDING)
            close();
    }

    void close()
    {
        if (pipe == INVALID_HANDLE_VALUE)
            return;
        DWORD moved = 0;
        if (CancelIoEx(pipe, &connected))
            GetOverlappedResult(pipe, &connected, &moved, TRUE);
        CloseHandle(std::exchange(pipe, INVALID_HANDLE_VALUE));
    }

    const std::string place;
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    HANDLE pipe = INVALID_HANDLE_VALUE;
    OVERLAPPED connected{};
};

AttachListener::AttachListener(const std::string& place, const std::string& group)
    : _system(std::make_unique<System>(place, group))
{
}

AttachListener::~AttachListener() = default;

ByteStreamPtr AttachListener::accept(int timeoutMs, const Waker& waker, AttachPeer::Process& process)
{
    if (_system->pipe == INVALID_HANDLE_VALUE)
        _system->listen();
    if (_system->pipe == INVALID_HANDLE_VALUE)
    {
        std::this_thread::sleep_for(PAUSE_WITHOUT_PIPES);
        return nullptr;
    }
    const HANDLE handles[] = {reinterpret_cast<HANDLE>(waker.descriptor()), _system->connected.hEvent};
    if (WaitForMultipleObjects(2, handles, FALSE, static_cast<DWORD>(timeoutMs)) != WAIT_OBJECT_0 + 1)
        return nullptr;
    const HANDLE made = std::exchange(_system->pipe, INVALID_HANDLE_VALUE);
    _system->listen(); // for the next one
    ByteStreamPtr stream = streamOfPipe(made);
    ULONG id = 0;
    if (!GetNamedPipeClientProcessId(made, &id))
        return nullptr;
    process = {static_cast<std::int64_t>(id), userOf(id)};
    return process.user.empty() ? nullptr : std::move(stream);
}

bool processExists(std::int64_t id)
{
    const HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, static_cast<DWORD>(id));
    if (!process)
        return GetLastError() != ERROR_INVALID_PARAMETER;
    const bool runs = WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
    CloseHandle(process);
    return runs;
}

bool isUser(const std::string& word, const std::string& user)
{
    return word == user || sidOf(word) == user;
}

} // namespace tenon::plugin

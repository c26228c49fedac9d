#include "System.h"

#include "plugin/worker/channel/PipeStream.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include <windows.h>

#include <process.h>

namespace tenon::attach
{

namespace
{

std::wstring wide(const std::string& text)
{
    const int size = static_cast<int>(text.size());
    std::wstring made(static_cast<std::size_t>(MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0)), L'\0');
    MultiByteToWideChar(CP_UTF8, 0, text.data(), size, made.data(), static_cast<int>(made.size()));
    return made;
}

} // namespace

plugin::ByteStreamPtr connectTo(const std::string& place, NoConnection& why)
{
    // As much as the server lets its group do; and it may ask who this is, but not act as if it were.
    constexpr DWORD RIGHTS = GENERIC_READ | FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES | SYNCHRONIZE;
    const HANDLE pipe = CreateFileW(wide(place).c_str(), RIGHTS, 0, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr);
    if (pipe != INVALID_HANDLE_VALUE)
        return plugin::streamOfPipe(pipe);
    const auto error = static_cast<int>(GetLastError());
    why = {"no server can be reached at " + place + ": " + std::system_category().message(error),
           error == ERROR_PIPE_BUSY};
    return nullptr;
}

std::vector<std::string> placesOfServers(const std::string& given)
{
    if (!given.empty())
        return {given};
    if (const char* named = std::getenv("TENON_ATTACH_SOCKET"); named && *named)
        return {named};
    return {R"(\\.\pipe\tenon-attach)"};
}

// There is no fork.
KeptFromChildren::KeptFromChildren(int descriptor) : _descriptor(descriptor) {}
KeptFromChildren::~KeptFromChildren() = default;

bool startThread(std::function<void()> body)
{
    // Not std::thread: in MinGW's runtime a thread that is detached while it ends is given back twice, and of two that
    // begin later one never runs.
    auto owned = std::make_unique<std::function<void()>>(std::move(body));
    const auto run = [](void* given) -> unsigned
    {
        const std::unique_ptr<std::function<void()>> work(static_cast<std::function<void()>*>(given));
        (*work)();
        return 0;
    };
    const auto thread = _beginthreadex(nullptr, 0, run, owned.get(), 0, nullptr);
    if (thread == 0)
        return false;
    (void)owned.release(); // the thread's now
    CloseHandle(reinterpret_cast<HANDLE>(thread));
    return true;
}

std::uint64_t ownProcess()
{
    return GetCurrentProcessId();
}

} // namespace tenon::attach

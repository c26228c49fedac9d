#include "system/System.h"

#include "base/threads/DetachedThread.h"
#include "plugin/worker/channel/PipeStream.h"

#include <system_error>
#include <utility>

#include <windows.h>

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

std::vector<std::string> usualPlaces()
{
    return {R"(\\.\pipe\tenon-attach)"};
}

// There is no fork.
KeptFromChildren::KeptFromChildren(int descriptor) : _descriptor(descriptor) {}
KeptFromChildren::~KeptFromChildren() = default;

bool startThread(std::function<void()> body)
{
    try
    {
        base::startDetached(std::move(body));
    }
    catch (const std::system_error&)
    {
        return false;
    }
    return true;
}

std::uint64_t ownProcess()
{
    return GetCurrentProcessId();
}

} // namespace tenon::attach

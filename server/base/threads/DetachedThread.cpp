#include "base/threads/DetachedThread.h"

#include <utility>

#ifdef _WIN32
#include <windows.h>

#include <process.h>

#include <cerrno>
#include <memory>
#include <system_error>
#else
#include <thread>
#endif

namespace tenon::base
{

#ifdef _WIN32

void startDetached(std::function<void()> body)
{
    auto owned = std::make_unique<std::function<void()>>(std::move(body));
    const auto run = [](void* given) -> unsigned
    {
        const std::unique_ptr<std::function<void()>> work(static_cast<std::function<void()>*>(given));
        (*work)();
        return 0;
    };
    const auto thread = _beginthreadex(nullptr, 0, run, owned.get(), 0, nullptr);
    if (thread == 0)
        throw std::system_error(errno, std::generic_category());
    (void)owned.release(); // the thread's now
    CloseHandle(reinterpret_cast<HANDLE>(thread));
}

#else

void startDetached(std::function<void()> body)
{
    std::thread(std::move(body)).detach();
}

#endif

} // namespace tenon::base

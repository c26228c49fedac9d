#include "app/client/Interrupts.h"

#include "base/threads/ThreadRoot.h"

#if !defined(_WIN32)
#include <csignal>
#include <ctime>
#include <pthread.h>
#include <unistd.h>
#endif

namespace tenon::app
{

#if defined(_WIN32)

Interrupts::Interrupts() = default;
Interrupts::~Interrupts() = default;
void Interrupts::watch(std::shared_ptr<client::Cancellation>) {}
void Interrupts::run() {}

#else

namespace
{

constexpr int STATUS_OF_INTERRUPT = 130;

sigset_t interruptSet()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    return set;
}

} // namespace

Interrupts::Interrupts()
{
    const sigset_t set = interruptSet();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    _thread = std::thread([this] { base::threadRoot("the thread that waits for an interrupt", [this] { run(); }); });
}

Interrupts::~Interrupts()
{
    _ended = true;
    _thread.join();
    const sigset_t set = interruptSet();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Interrupts::watch(std::shared_ptr<client::Cancellation> cancellation)
{
    const std::lock_guard lock(_mutex);
    _cancellation = std::move(cancellation);
}

void Interrupts::run()
{
    const sigset_t set = interruptSet();
    const timespec tick{0, 100'000'000};
    while (!_ended)
    {
        if (sigtimedwait(&set, nullptr, &tick) != SIGINT)
            continue;
        std::shared_ptr<client::Cancellation> cancellation;
        {
            const std::lock_guard lock(_mutex);
            cancellation = std::move(_cancellation);
        }
        if (!cancellation)
            _exit(STATUS_OF_INTERRUPT);
        cancellation->cancel();
    }
}

#endif

} // namespace tenon::app

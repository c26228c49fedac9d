#include "app/process/Daemon.h"

#include <Poco/Error.h>
#include <Poco/Exception.h>

#include <string>
#include <utility>

#if !defined(_WIN32)
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace tenon::app
{

Daemon::Daemon(Daemon&& other) noexcept : _report(std::exchange(other._report, -1)) {}

Daemon& Daemon::operator=(Daemon&& other) noexcept
{
    std::swap(_report, other._report);
    return *this;
}

#if defined(_WIN32)

Daemon Daemon::detach(const std::string&)
{
    throw Poco::NotImplementedException("--daemon; Windows has services: /registerService");
}
Daemon::~Daemon() = default;
void Daemon::started() {}

#else

namespace
{

constexpr mode_t UMASK = 027;

/// Waits for the child's word; does not return.
[[noreturn]] void await(int word, pid_t child)
{
    char started = 0;
    ssize_t size = 0;
    while ((size = read(word, &started, 1)) < 0 && errno == EINTR)
    {
    }
    if (size == 1)
        _exit(EXIT_SUCCESS);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
    {
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void toNowhere(int descriptor, int flags)
{
    const int nowhere = open("/dev/null", flags | O_CLOEXEC);
    if (nowhere < 0)
        return;
    dup2(nowhere, descriptor);
    close(nowhere);
}

} // namespace

Daemon Daemon::detach(const std::string& umask)
{
    int word[2];
    if (pipe2(word, O_CLOEXEC) != 0)
        throw Poco::SystemException("cannot go to the background", Poco::Error::getMessage(errno));
    const pid_t child = fork();
    if (child < 0)
        throw Poco::SystemException("cannot go to the background", Poco::Error::getMessage(errno));
    if (child > 0)
    {
        close(word[1]);
        await(word[0], child);
    }
    close(word[0]);
    setsid();
    ::umask(umask.empty() ? UMASK : static_cast<mode_t>(std::stoul(umask, nullptr, 8)));
    if (chdir("/") != 0)
        throw Poco::SystemException("cannot change to /", Poco::Error::getMessage(errno));
    toNowhere(STDIN_FILENO, O_RDONLY);
    Daemon daemon;
    daemon._report = word[1];
    return daemon;
}

Daemon::~Daemon()
{
    if (_report >= 0)
        close(_report);
}

void Daemon::started()
{
    if (_report < 0)
        return;
    const ssize_t told = write(_report, "1", 1);
    (void)told; // who waited has gone: nobody is left to be told
    close(_report);
    _report = -1;
    toNowhere(STDOUT_FILENO, O_WRONLY);
    toNowhere(STDERR_FILENO, O_WRONLY);
}

#endif

} // namespace tenon::app

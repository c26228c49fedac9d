#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Exception.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace tenon::plugin
{

namespace
{

/// A copy of a descriptor at a number that none of the worker's descriptors has.
class ApartDescriptor
{
public:
    explicit ApartDescriptor(int descriptor) : _copy(fcntl(descriptor, F_DUPFD_CLOEXEC, 10))
    {
        if (_copy < 0)
            throw Poco::SystemException("cannot start a worker: no descriptor is left", errno);
    }
    ~ApartDescriptor() { close(_copy); }
    ApartDescriptor(const ApartDescriptor&) = delete;
    ApartDescriptor& operator=(const ApartDescriptor&) = delete;
    operator int() const { return _copy; }

private:
    const int _copy;
};

} // namespace

WorkerProcess::WorkerProcess(const std::string& executable, const std::string& name, int channel, int image,
                             int standardOutput, int standardError)
{
    const ApartDescriptor channelCopy(channel), imageCopy(image);
    // A plugin's printf must reach neither the protocol on the server's standard output nor a client.
    const ApartDescriptor outputCopy(standardOutput < 0 ? STDERR_FILENO : standardOutput);
    const ApartDescriptor errorCopy(standardError < 0 ? STDERR_FILENO : standardError);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, channelCopy, CHANNEL_DESCRIPTOR);
    posix_spawn_file_actions_adddup2(&actions, imageCopy, IMAGE_DESCRIPTOR);
    posix_spawn_file_actions_adddup2(&actions, outputCopy, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errorCopy, STDERR_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    const std::array<std::string, 3> words = {"tenon", ARGUMENT, name};
    std::array<char*, 4> arguments{};
    for (std::size_t at = 0; at < words.size(); ++at)
        arguments[at] = const_cast<char*>(words[at].c_str());
    const int error = posix_spawn(&_id, executable.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        throw Poco::SystemException("cannot start a worker from " + executable + ": " + std::strerror(error));
}

WorkerProcess::~WorkerProcess()
{
    kill();
    if (!_ended)
        waitpid(_id, &_status, 0);
}

void WorkerProcess::kill() noexcept
{
    if (!_ended)
        ::kill(_id, SIGKILL);
}

bool WorkerProcess::wait(std::chrono::milliseconds timeout)
{
    const auto until = std::chrono::steady_clock::now() + timeout;
    while (!_ended)
    {
        const int found = waitpid(_id, &_status, WNOHANG);
        if (found == _id || (found < 0 && errno == ECHILD))
            _ended = true;
        else if (std::chrono::steady_clock::now() >= until)
            return false;
        else
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

std::string WorkerProcess::end() const
{
    if (WIFSIGNALED(_status))
        return "signal " + std::to_string(WTERMSIG(_status)) + " (" + strsignal(WTERMSIG(_status)) + ")";
    return "exit status " + std::to_string(WEXITSTATUS(_status));
}

std::uint64_t residentBytesOf(int id)
{
    std::ifstream file("/proc/" + std::to_string(id) + "/statm");
    std::uint64_t pages = 0, residentPages = 0;
    if (!(file >> pages >> residentPages))
        return 0;
    return residentPages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string ownExecutable()
{
    return "/proc/self/exe";
}

} // namespace tenon::plugin

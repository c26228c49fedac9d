#include "plugin/worker/process/WorkerProcess.h"

#include "base/process/Spawn.h"

#include <Poco/Exception.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

constexpr std::chrono::milliseconds KEEPER_PATIENCE{3000};

} // namespace

WorkerProcess::WorkerProcess(const WorkerStart& start)
{
    int leash[2];
    if (pipe2(leash, O_CLOEXEC) != 0)
        throw Poco::SystemException("cannot start a worker", errno);
    const base::Descriptor theirs(leash[0]);
    base::Descriptor ours(leash[1]);
    const ApartDescriptor channel(start.channel), image(start.image), theirsApart(theirs.get());
    // A plugin's printf must reach neither the protocol on the server's standard output nor a client.
    const ApartDescriptor output(start.standardOutput < 0 ? STDERR_FILENO : start.standardOutput);
    const ApartDescriptor error(start.standardError < 0 ? STDERR_FILENO : start.standardError);
    base::Spawn spawn;
    spawn.give(channel, CHANNEL_DESCRIPTOR);
    spawn.give(image, IMAGE_DESCRIPTOR);
    spawn.give(theirsApart, LEASH_DESCRIPTOR);
    spawn.give(output, STDOUT_FILENO);
    spawn.give(error, STDERR_FILENO);
    spawn.giveFile("/dev/null", O_RDONLY, STDIN_FILENO);
    std::vector<std::string> words = {"tenon", ARGUMENT, start.plugin,
                                      !start.apart    ? "together"
                                      : start.network ? "apart-with-network"
                                                      : "apart"};
    const int failed = spawn.start(_id, start.executable, std::move(words), workerEnvironment(start.environment));
    if (failed != 0)
        throw Poco::SystemException("cannot start a worker from " + start.executable + ": " + std::strerror(failed));
    _leash = ours.release();
#if defined(SYS_pidfd_open)
    _endDescriptor = static_cast<int>(syscall(SYS_pidfd_open, _id, 0));
#endif
}

WorkerProcess::~WorkerProcess()
{
    if (!wait(std::chrono::milliseconds(0)))
    {
        kill();
        if (!wait(KEEPER_PATIENCE))
        {
            ::kill(_id, SIGKILL);
            waitpid(_id, &_status, 0);
        }
    }
    close(_leash);
    if (_endDescriptor >= 0)
        close(_endDescriptor);
}

void WorkerProcess::kill() noexcept
{
    // The keeper is asked, since it alone can find all that the worker started.
    const char byte = 0;
    if (write(_leash, &byte, 1) < 0)
        return; // it has gone
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

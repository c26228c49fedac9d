#include "plugin/worker/process/Keeper.h"

#include "plugin/worker/channel/Frame.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

constexpr int EXIT_CANNOT = 75; // EX_TEMPFAIL: no fault of the plugin
constexpr int DESCRIPTORS = 16; // more than a keeper has
constexpr int LOOKS = 2000;     // for what the worker left, a millisecond apart

bool writeFile(const char* path, const std::string& text)
{
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(file);
    return written;
}

/// The lines of a map in which all numbers that there are here stay what they are.
std::string sameNumbers(const char* path)
{
    std::string lines;
    std::FILE* map = std::fopen(path, "re");
    if (!map)
        return lines;
    for (unsigned long first = 0, outside = 0, count = 0;
         std::fscanf(map, "%lu %lu %lu", &first, &outside, &count) == 3;)
        lines += std::to_string(first) + ' ' + std::to_string(first) + ' ' + std::to_string(count) + '\n';
    std::fclose(map);
    return lines;
}

/// Gives the new namespace of its parent, once there is one, all users that there are here. The end of a child.
[[noreturn]] void mapAllUsers(int begin)
{
    const std::string parent = "/proc/" + std::to_string(getppid());
    const std::string users = sameNumbers("/proc/self/uid_map"), groups = sameNumbers("/proc/self/gid_map");
    char byte = 0;
    _exit(read(begin, &byte, 1) == 1 && writeFile((parent + "/uid_map").c_str(), users) &&
                  writeFile((parent + "/gid_map").c_str(), groups)
              ? 0
              : EXIT_CANNOT);
}

enum class Users
{
    MAPPED,
    NOT_MAPPED,
    NOT_APART
};

/// An administrator's namespace has all users, or its files of others could not be read. That is for somebody outside to do.
Users leaveAsAdministrator(int apart)
{
    int begin[2];
    if (pipe2(begin, O_CLOEXEC) != 0)
        return Users::NOT_APART;
    const pid_t outside = fork();
    if (outside == 0)
    {
        close(begin[1]);
        mapAllUsers(begin[0]);
    }
    const bool left = outside > 0 && unshare(CLONE_NEWUSER | apart) == 0;
    const char byte = 0;
    const bool told = left && write(begin[1], &byte, 1) == 1;
    close(begin[0]);
    close(begin[1]);
    int status = EXIT_CANNOT;
    while (outside > 0 && waitpid(outside, &status, 0) < 0 && errno == EINTR)
        continue;
    return !left ? Users::NOT_APART : told && status == 0 ? Users::MAPPED : Users::NOT_MAPPED;
}

/// Children of this process from here on are in namespaces of their own. Users keep their numbers: files belong to whom
/// they belong.
bool setApart(bool network)
{
    const int apart = CLONE_NEWPID | CLONE_NEWIPC | (network ? 0 : CLONE_NEWNET);
    const auto user = std::to_string(geteuid()), group = std::to_string(getegid());
    const Users users = geteuid() == 0                        ? leaveAsAdministrator(apart)
                        : unshare(CLONE_NEWUSER | apart) == 0 ? Users::NOT_MAPPED
                                                              : Users::NOT_APART;
    if (users == Users::NOT_APART)
        return geteuid() == 0 && unshare(apart) == 0;
    if (users == Users::MAPPED)
        return true;
    // Without a map the worker would be nobody: then it is as well as without namespaces that it goes on.
    writeFile("/proc/self/setgroups", "deny");
    writeFile("/proc/self/uid_map", user + ' ' + user + " 1");
    writeFile("/proc/self/gid_map", group + ' ' + group + " 1");
    return true;
}

/// A first process of the new namespace, whose end is the end of all in it. Its own does not wait for anybody.
pid_t startInit()
{
    const pid_t init = fork();
    if (init != 0)
        return init;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "tenon-init");
    for (int descriptor = 0; descriptor < DESCRIPTORS; ++descriptor)
        close(descriptor);
    struct sigaction reap
    {
    };
    reap.sa_handler = SIG_IGN; // orphans vanish by themselves
    sigaction(SIGCHLD, &reap, nullptr);
    for (;;)
        pause();
}

/// Sends WORKER, as one piece, before the worker can send anything.
void tellServer(int channel, pid_t worker)
{
    const auto header = FrameHeader{0, FrameType::WORKER, 0, static_cast<std::uint64_t>(worker)}.bytes();
    while (send(channel, header.data(), header.size(), MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

/// Waits until the worker has ended, or has to. Reaps whoever else comes by.
class Watch
{
public:
    Watch(int leash, int signals, pid_t worker, pid_t init)
        : _leash(leash), _signals(signals), _worker(worker), _init(init)
    {
    }

    /// Gives the worker's status.
    int untilTheEnd()
    {
        while (!_ended)
        {
            std::array<pollfd, 2> ready = {{{_signals, POLLIN, 0}, {_leash, POLLIN, 0}}};
            if (poll(ready.data(), ready.size(), -1) < 0)
                continue;
            if (ready[1].revents != 0)
                endWorker();
            if (ready[0].revents != 0)
                takeSignal();
        }
        return _status;
    }

    void endWorker()
    {
        kill(_worker, SIGKILL);
        _leash = -1; // poll passes it over from here on
    }

private:
    void takeSignal()
    {
        signalfd_siginfo signal{};
        if (read(_signals, &signal, sizeof signal) != sizeof signal)
            return;
        if (signal.ssi_signo == SIGTERM)
            kill(-_worker, SIGTERM);
        int status = 0;
        for (pid_t ended = 0; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
        {
            if (ended == _worker)
            {
                _status = status;
                _ended = true;
            }
            else if (ended == _init) // and all with it
                endWorker();
        }
    }

    int _leash;
    const int _signals;
    const pid_t _worker, _init;
    int _status = 0;
    bool _ended = false;
};

/// Kills the children of this process; orphans are among them.
void killChildren()
{
    const std::string path = "/proc/self/task/" + std::to_string(getpid()) + "/children";
    std::FILE* list = std::fopen(path.c_str(), "re");
    if (!list)
        return;
    for (int child = 0; std::fscanf(list, "%d", &child) == 1;)
        kill(child, SIGKILL);
    std::fclose(list);
}

/// Until there is nobody left: who is killed leaves its own children here.
void endAll(pid_t group, pid_t init)
{
    if (init > 0)
        kill(init, SIGKILL);
    for (int look = 0; look < LOOKS; ++look)
    {
        if (group > 0)
            kill(-group, SIGKILL);
        killChildren();
        pid_t ended = 0;
        while ((ended = waitpid(-1, nullptr, WNOHANG)) > 0)
            continue;
        if (ended < 0 && errno == ECHILD)
            return;
        usleep(1000);
    }
}

[[noreturn]] void endAs(int status)
{
    if (!WIFSIGNALED(status))
        _exit(WEXITSTATUS(status));
    const rlimit none{0, 0}; // the worker's core is there, if one was wanted
    setrlimit(RLIMIT_CORE, &none);
    const int number = WTERMSIG(status);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, number);
    signal(number, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &only, nullptr);
    kill(getpid(), number);
    _exit(128 + number);
}

} // namespace

void keep(int leash, int channel, const Apartness& apartness, const std::function<void()>& worker)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, "tenon-keeper");
    sigset_t watched, before;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    if (apartness.passesTermination)
        sigaddset(&watched, SIGTERM);
    sigprocmask(SIG_BLOCK, &watched, &before);
    const int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    int begin[2];
    if (signals < 0 || pipe2(begin, O_CLOEXEC) != 0)
        _exit(EXIT_CANNOT);

    const pid_t init = apartness.namespaces && setApart(apartness.network) ? startInit() : 0;
    const pid_t child = init < 0 ? -1 : fork();
    if (child < 0)
    {
        endAll(0, init);
        _exit(EXIT_CANNOT);
    }
    if (child == 0)
    {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_NAME, "tenon-worker");
        close(begin[1]);
        char nothing = 0;
        while (read(begin[0], &nothing, 1) < 0 && errno == EINTR)
            continue;
        close(begin[0]);
        close(signals);
        close(leash);
        sigprocmask(SIG_SETMASK, &before, nullptr);
        worker();
        _exit(EXIT_CANNOT);
    }
    setpgid(child, child);
    tellServer(channel, child);
    for (int descriptor = 0; descriptor < leash; ++descriptor) // the worker's alone, or its end would not be seen
        close(descriptor);
    close(begin[0]);
    close(begin[1]);
    const int status = Watch(leash, signals, child, init).untilTheEnd();
    endAll(child, init);
    endAs(status);
}

} // namespace tenon::plugin

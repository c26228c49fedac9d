#include "client/transport/ChildProcess.h"

#include "base/process/Spawn.h"
#include "client/ClientException.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX declares it nowhere

namespace tenon::client
{

namespace
{

struct Pipe
{
    base::Descriptor reading, writing;

    Pipe()
    {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0)
            throw ClientException(Fault::UNREACHABLE, std::string("no pipe: ") + std::strerror(errno));
        reading.reset(ends[0]);
        writing.reset(ends[1]);
    }
};

/// Ours, with the changes of `command`, as exec wants it.
std::vector<std::string> environmentOf(const ChildProcess::Command& command)
{
    std::vector<std::string> all;
    for (char** entry = command.inherits ? environ : nullptr; entry && *entry; ++entry)
    {
        const std::string text(*entry);
        if (command.environment.count(text.substr(0, text.find('='))) == 0)
            all.push_back(text);
    }
    for (const auto& [name, value] : command.environment)
        all.push_back(name + '=' + value);
    return all;
}

constexpr int LEASH_MS = 3000;
constexpr int FATE_STEP_MS = 10;
constexpr std::size_t READ_BYTES = 16384;
constexpr int MAX_LAST_READS = 64; // looks at both pipes: more than they hold

class PosixChild : public ChildProcess
{
public:
    explicit PosixChild(const Command& command) : _name(command.program)
    {
        ::fcntl(_input.writing.get(), F_SETFL, O_NONBLOCK);
        base::Spawn spawn;
        spawn.give(_input.reading.get(), STDIN_FILENO);
        spawn.give(_output.writing.get(), STDOUT_FILENO);
        spawn.give(_errors.writing.get(), STDERR_FILENO);
        if (command.leash >= 0)
        {
            _leash = std::make_unique<Pipe>();
            spawn.give(_leash->reading.get(), command.leash);
        }
        if (!command.folder.empty())
            spawn.in(command.folder);
        std::vector<std::string> words{command.program};
        words.insert(words.end(), command.arguments.begin(), command.arguments.end());
        const int error = spawn.start(_pid, command.program, std::move(words), environmentOf(command));
        if (error != 0)
            throw ClientException(Fault::UNREACHABLE, command.program + ": " + std::strerror(error));
        _input.reading.reset();
        _output.writing.reset();
        _errors.writing.reset();
        if (_leash)
            _leash->reading.reset();
    }

    ~PosixChild() override { (void)end(500); }

    void write(std::string_view bytes, int timeoutMs) override
    {
        const std::lock_guard lock(_writing);
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs);
        while (!bytes.empty())
        {
            if (_input.writing.get() < 0)
                throw ClientException(Fault::UNREACHABLE, "the server is being stopped");
            const ssize_t written = ::write(_input.writing.get(), bytes.data(), bytes.size());
            if (written >= 0)
            {
                bytes.remove_prefix(static_cast<std::size_t>(written));
                continue;
            }
            if (errno == EINTR)
                continue;
            if (errno != EAGAIN)
            {
                const std::string how = fate(FATE_STEP_MS);
                throw ClientException(Fault::UNREACHABLE, "the server " + (how.empty() ? "has closed its input" : how));
            }
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
            pollfd one{_input.writing.get(), POLLOUT, 0};
            if (left.count() <= 0 || ::poll(&one, 1, static_cast<int>(left.count())) == 0)
                throw ClientException(Fault::UNREACHABLE, "the server does not read what it is sent");
        }
    }

    void read(const Sink& output, const Sink& errors, std::chrono::milliseconds lastWords) override
    {
        std::array<pollfd, 3> all{{{_output.reading.get(), POLLIN, 0},
                                   {_errors.reading.get(), POLLIN, 0},
                                   {_ended.reading.get(), POLLIN, 0}}};
        const std::array<const Sink*, 2> sinks{&output, &errors};
        std::optional<Clock::time_point> until;
        for (int lastReads = 0; all[0].fd >= 0 || all[1].fd >= 0;)
        {
            // Somebody the program started may hold a pipe open for ever. Once the program has ended, what is in it is
            // still read, but not more than it said itself.
            const bool last = all[2].fd < 0;
            if (last && ++lastReads > MAX_LAST_READS)
                return;
            const int ready = ::poll(all.data(), all.size(), last ? 0 : millisecondsUntil(until));
            if (ready < 0 && errno == EINTR)
                continue;
            if (ready <= 0)
                return;
            if (all[2].revents != 0)
                all[2].fd = -1;
            for (std::size_t stream = 0; stream < sinks.size(); ++stream)
                if (all[stream].fd >= 0 && all[stream].revents != 0 && !take(all[stream], *sinks[stream]))
                    return;
            if (all[0].fd < 0 && !until)
                until = Clock::now() + lastWords;
        }
    }

    std::string fate(int withinMs) override
    {
        for (int waited = 0;; waited += FATE_STEP_MS)
        {
            siginfo_t info{};
            if (::waitid(P_PID, static_cast<id_t>(_pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
                return {}; // `end` has it already
            if (info.si_pid == _pid && info.si_code == CLD_EXITED)
                return "ended with status " + std::to_string(info.si_status);
            if (info.si_pid == _pid)
                return "was ended by signal " + std::to_string(info.si_status);
            if (waited >= withinMs)
                return {};
            std::this_thread::sleep_for(std::chrono::milliseconds(FATE_STEP_MS));
        }
    }

    int id() const override { return _pid; }

    std::string end(int patienceMs) override
    {
        if (_over)
            return _how;
        {
            const std::lock_guard lock(_writing);
            _input.writing.reset();
        }
        bool asked = false;
        for (const int signal : {0, SIGTERM, SIGKILL})
        {
            if (signal != 0)
            {
                asked = true;
                ::kill(-_pid, signal == SIGKILL && _leash ? SIGCONT : signal);
            }
            if (signal == SIGKILL && _leash)
            {
                _leash->writing.reset(); // whoever watches over the program can find all that it started
                if (reaped(LEASH_MS))
                    break;
                ::kill(-_pid, signal);
            }
            if (reaped(signal == SIGKILL ? 60'000 : patienceMs))
                break;
        }
        if (!asked)
            ::kill(-_pid, SIGTERM); // what it left behind
        _ended.writing.reset();     // whoever reads looks once more
        _over = true;
        return _how;
    }

private:
    using Clock = std::chrono::steady_clock;

    /// As `poll` takes it.
    static int millisecondsUntil(const std::optional<Clock::time_point>& time)
    {
        if (!time)
            return -1;
        return static_cast<int>(std::max(std::chrono::ceil<std::chrono::milliseconds>(*time - Clock::now()).count(),
                                         std::chrono::milliseconds::rep(0)));
    }

    /// False: no more is wanted.
    static bool take(pollfd& from, const Sink& sink)
    {
        // Not on the stack: there it would stay with a thread that mostly waits.
        const auto bytes = std::make_unique_for_overwrite<char[]>(READ_BYTES);
        const ssize_t got = ::read(from.fd, bytes.get(), READ_BYTES);
        if (got < 0 && errno == EINTR)
            return true;
        if (got <= 0)
            from.fd = -1;
        return sink({bytes.get(), got > 0 ? static_cast<std::size_t>(got) : 0});
    }

    bool reaped(int withinMs)
    {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(withinMs);
        int pauseMs = 1;
        while (true)
        {
            int status = 0;
            const pid_t got = ::waitpid(_pid, &status, WNOHANG);
            if (got == _pid)
            {
                _how = WIFSIGNALED(status) ? _name + " was ended by signal " + std::to_string(WTERMSIG(status))
                                           : _name + " ended with status " + std::to_string(WEXITSTATUS(status));
                return true;
            }
            if (got < 0)
                return true;
            if (std::chrono::steady_clock::now() >= until)
                return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(pauseMs));
            pauseMs = std::min(pauseMs * 2, 20);
        }
    }

    const std::string _name;
    Pipe _input, _output, _errors;
    Pipe _ended;                  ///< closed once `end` is over
    std::unique_ptr<Pipe> _leash; ///< null: there is none
    pid_t _pid = -1;
    bool _over = false; ///< the owner's: it has ended
    std::string _how;
    std::mutex _writing; ///< guards the writing end of `_input`
};

} // namespace

std::unique_ptr<ChildProcess> startChild(const ChildProcess::Command& command)
{
    return std::make_unique<PosixChild>(command);
}

} // namespace tenon::client

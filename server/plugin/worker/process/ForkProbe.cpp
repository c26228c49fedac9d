#include "plugin/worker/process/ForkProbe.h"

#include "plugin/process/LoadedPlugin.h"
#include "plugin/worker/channel/FrameChannel.h"
#include "plugin/worker/channel/FrameSplitter.h"

#include <Poco/Exception.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

/// Keeps what a plugin says of its failure.
class Witness final : public HostListener
{
public:
    std::string said;

    void logged(tenon_log_level level, std::string_view message) override
    {
        if (level >= TENON_LOG_WARNING)
            said = "; it said: " + std::string(message);
    }
    void listChanged(tenon_list_kind) override {}
    void resourceUpdated(std::string_view) override {}
};

/// In the copy: says READY or REFUSED of each subject from `first` on.
[[noreturn]] void tryAll(const std::vector<ProbeSubject>& subjects, std::size_t first, FrameChannel& channel)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    for (std::size_t at = first; at < subjects.size(); ++at)
    {
        Witness listener;
        try
        {
            LoadedPlugin plugin(subjects[at].image, subjects[at].name, subjects[at].settings, listener);
            (void)plugin.offer();
            channel.send(FrameType::READY, at);
        }
        catch (const Poco::Exception& exc)
        {
            channel.send(FrameType::REFUSED, at, exc.message() + listener.said);
        }
    }
    _exit(0);
}

std::string endOf(int status)
{
    if (WIFSIGNALED(status))
        return "signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

} // namespace

std::map<std::string, std::string> probeInFork(const std::vector<ProbeSubject>& subjects,
                                               std::chrono::milliseconds timeout)
{
    std::map<std::string, std::string> reasons;
    // Each copy goes as far as it comes; the one it dies of is refused, and another copy goes on behind it.
    for (std::size_t next = 0; next < subjects.size();)
    {
        const auto [ours, theirs] = FrameChannel::makePair();
        FrameChannel channel(ours, FrameChannel::WhenFull::WAIT);
        auto theirEnd = std::make_unique<FrameChannel>(theirs, FrameChannel::WhenFull::WAIT);
        const pid_t child = fork();
        if (child < 0)
            throw Poco::SystemException("cannot try libraries in another process", errno);
        if (child == 0)
            tryAll(subjects, next, *theirEnd);
        theirEnd.reset();

        FrameSplitter splitter;
        bool late = false;
        while (next < subjects.size())
        {
            const auto [data, size] = splitter.space();
            std::size_t got = 0;
            channel.wait(static_cast<int>(timeout.count()));
            const auto received = channel.receive(data, size, got);
            late = received == FrameChannel::Received::NOTHING;
            if (received != FrameChannel::Received::SOME)
                break;
            splitter.received(got);
            for (Frame frame; splitter.next(frame); ++next)
                if (frame.type == FrameType::REFUSED)
                    reasons[subjects[next].name] = frame.body;
        }
        if (late)
            kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        if (next < subjects.size())
            reasons[subjects[next++].name] =
                late ? "it took longer than " + std::to_string(timeout.count()) + " ms to load"
                     : "it crashed while it was loaded: " + endOf(status);
    }
    return reasons;
}

bool canProbeInFork() noexcept
{
    return true;
}

} // namespace tenon::plugin

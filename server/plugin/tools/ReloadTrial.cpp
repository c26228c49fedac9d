#include "plugin/tools/ReloadTrial.h"

#if defined(__linux__)

#include "plugin/process/LoadedPlugin.h"
#include "plugin/tools/Trial.h"
#include "plugin/tools/TrialCall.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;

constexpr auto TRIAL_CALL_TIMEOUT = 2s;
constexpr auto PAUSE = 5ms; // for a thread that was left behind to find its code gone
constexpr int ROUND_TIMEOUT_MS = 20000;
constexpr int REFUSED = 2;

class Deaf final : public HostListener
{
    void logged(tenon_log_level, std::string_view) override {}
    void listChanged(tenon_list_kind) override {}
    void resourceUpdated(std::string_view) override {}
};

ReloadTrial::Round holdings()
{
    const std::filesystem::directory_iterator threads("/proc/self/task");
    return {static_cast<std::size_t>(std::distance(begin(threads), end(threads))), residentBytesOf(getpid())};
}

[[noreturn]] void reloadInCopy(const std::shared_ptr<LibraryImage>& image, const std::string& name,
                               const std::map<std::string, std::string>& settings,
                               const std::vector<std::pair<std::uint32_t, std::string>>& calls, int rounds, int report)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    Deaf listener;
    try
    {
        for (int round = -1; round < rounds; ++round)
        {
            if (round >= 0)
            {
                LoadedPlugin plugin(image, name, {settings, {}}, listener);
                (void)plugin.offer();
                plugin.start();
                for (const auto& [index, arguments] : calls)
                {
                    const auto call = std::make_shared<TrialCall>(arguments);
                    if (plugin.enter(Target::TOOL, index, call, nullptr) == TENON_ASYNC)
                        call->wait(TRIAL_CALL_TIMEOUT);
                }
            }
            std::this_thread::sleep_for(PAUSE);
            const ReloadTrial::Round seen = holdings();
            if (write(report, &seen, sizeof seen) != sizeof seen)
                break;
        }
    }
    catch (const std::exception&)
    {
        _exit(REFUSED);
    }
    _exit(0);
}

} // namespace

ReloadTrial tryReloads(const std::string& file, const std::map<std::string, std::string>& settings,
                       const std::vector<std::pair<std::uint32_t, std::string>>& calls, int rounds)
{
    const auto image = std::make_shared<LibraryImage>(file);
    int ends[2];
    if (pipe(ends) != 0)
        throw Poco::SystemException("no pipe can be made", errno);
    const pid_t child = fork();
    if (child == 0)
        reloadInCopy(image, Trial::nameOf(file), settings, calls, rounds, ends[1]);
    close(ends[1]);
    ReloadTrial trial;
    bool late = false;
    for (ReloadTrial::Round seen; child > 0;)
    {
        pollfd ready{ends[0], POLLIN, 0};
        late = poll(&ready, 1, ROUND_TIMEOUT_MS) == 0;
        if (late || read(ends[0], &seen, sizeof seen) != sizeof seen)
            break;
        trial.rounds.push_back(seen);
    }
    close(ends[0]);
    if (!trial.rounds.empty())
    {
        trial.before = trial.rounds.front();
        trial.rounds.erase(trial.rounds.begin());
    }
    if (child < 0)
        throw Poco::SystemException("the library cannot be tried in another process", errno);
    if (late)
        kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    if (late)
        trial.failure = "it did not come to an end within " + std::to_string(ROUND_TIMEOUT_MS / 1000) + " s";
    else if (WIFSIGNALED(status))
        trial.failure = "signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
    else if (WEXITSTATUS(status) == REFUSED)
        trial.failure = "it could not be loaded or started again";
    else if (WEXITSTATUS(status) != 0)
        trial.failure = "exit status " + std::to_string(WEXITSTATUS(status));
    return trial;
}

} // namespace tenon::plugin

#else

namespace tenon::plugin
{

ReloadTrial tryReloads(const std::string&, const std::map<std::string, std::string>&,
                       const std::vector<std::pair<std::uint32_t, std::string>>&, int)
{
    return {};
}

} // namespace tenon::plugin

#endif

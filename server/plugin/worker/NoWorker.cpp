// Systems on which plugins run in the server's process only.
#include "plugin/config/LoadException.h"
#include "plugin/worker/ForkProbe.h"
#include "plugin/worker/Worker.h"
#include "plugin/worker/Workers.h"

namespace tenon::plugin
{

std::optional<int> runWorker(int, char**)
{
    return {};
}

std::shared_ptr<ManagedInstance> makeWorkerInstance(const PluginConfig&, const std::shared_ptr<LibraryImage>&,
                                                    const std::shared_ptr<Lifecycle>&, const std::string&)
{
    throw LoadException("isolation = process is not supported on this system");
}

std::map<std::string, std::string> probeInFork(const std::vector<ProbeSubject>&, std::chrono::milliseconds)
{
    return {};
}

bool canProbeInFork() noexcept
{
    return false;
}

std::string ownExecutable()
{
    return {};
}

} // namespace tenon::plugin

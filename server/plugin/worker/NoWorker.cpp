// Systems on which plugins run in the server's process only.
#include "plugin/call/LoadException.h"
#include "plugin/worker/Workers.h"
#include "plugin/worker/child/RunWorker.h"
#include "plugin/worker/process/ForkProbe.h"
#include "plugin/worker/process/WorkerProcess.h"

namespace tenon::plugin
{

std::optional<int> runWorker(int, char**)
{
    return {};
}

std::shared_ptr<ManagedInstance> makeWorkerInstance(const WorkerPlan&, const std::shared_ptr<PluginThreads>&,
                                                    const std::shared_ptr<PluginLimit>&)
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

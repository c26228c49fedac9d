// How a server behind this one is started where there is no keeper.
#include "plugin/upstream/JailedCommand.h"

#include "plugin/call/LoadException.h"

namespace tenon::plugin
{

client::ChildProcess::Command jailed(const client::ChildProcess::Command& command, const PluginConfig& config)
{
    const auto& limits = config.limits;
    if (config.sandbox.enabled ||
        limits.memoryBytes + limits.cpuSeconds + limits.descriptors + limits.processes + limits.residentBytes != 0)
        throw LoadException("a sandbox and limits for the program of a server are not supported on this system");
    client::ChildProcess::Command made = command;
    made.environment = config.environment;
    return made;
}

std::optional<int> runUpstream(int, char**)
{
    return {};
}

std::uint64_t residentBytesOfAll(int)
{
    return 0;
}

} // namespace tenon::plugin

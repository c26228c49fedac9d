#pragma once

#include "plugin/call/ManagedInstance.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace tenon::plugin
{

/// The state of one plugin file, for `/stats`, `/ready` and the log.
struct PluginStatus
{
    std::string name;
    std::string file;
    std::string version; ///< of its manifest; empty if it was refused
    std::string sha256;
    std::string isolation; ///< "none", "process", "attached", "upstream"
    std::string state;     ///< "running", "restarting", "quarantined", "failed" (to start), "refused", "disabled"
    std::string reason;    ///< why it is refused, failed or quarantined
    std::uint64_t reloads = 0, failedReloads = 0; ///< of changed files
    std::size_t tools = 0, resources = 0, templates = 0, prompts = 0;
    bool pinned = false;   ///< to its digest, by the settings or a lock file
    bool confined = false; ///< its workers run in a sandbox
    InstanceStatus instance;
};

} // namespace tenon::plugin

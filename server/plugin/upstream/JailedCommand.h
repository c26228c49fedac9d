#pragma once

#include "client/transport/ChildProcess.h"
#include "plugin/config/PluginConfig.h"

#include <cstdint>
#include <optional>

namespace tenon::plugin
{

/// `command` as it is to be started: under a keeper, which ends all that it starts, within its limits, and, if the settings
/// want that, confined to files and without a network. On other systems than Linux it is started as it is.
///
/// Shape:  the environment is clean: what every worker has, HOME, and what `config` sets.
/// Errors: LoadException where the settings want what this system cannot do.
[[nodiscard]] client::ChildProcess::Command jailed(const client::ChildProcess::Command& command,
                                                   const PluginConfig& config);

/// Runs this process as such a keeper if it was started as one, and gives its exit status then. Call it first in `main`,
/// before anything opens a file or starts a thread.
[[nodiscard]] std::optional<int> runUpstream(int argc, char** argv);

/// The memory that a process and those that it started hold now.
[[nodiscard]] std::uint64_t residentBytesOfAll(int id);

} // namespace tenon::plugin

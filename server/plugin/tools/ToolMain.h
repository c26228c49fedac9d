#pragma once

#include <string>
#include <vector>

namespace tenon::plugin
{

/// The author's and operator's tools: `tenon plugin new|check|list|lock|diff …`; without arguments, their usage, and that
/// of `run`, which is a client's (app/cli/PluginRun.h).
/// Plugins are loaded in worker processes of this executable, never in this process.
///
/// Shape: `args` is what follows "plugin" on the command line. Gives the exit status: 0, 1 if what was looked at is
///        faulty or differs, 2 for wrong usage.
int toolMain(std::vector<std::string> args);

} // namespace tenon::plugin

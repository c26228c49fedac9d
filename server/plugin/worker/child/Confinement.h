#pragma once

#include "plugin/config/PluginConfig.h"

namespace tenon::plugin
{

/// Sets resource limits for this process.
///
/// Errors: LoadException if the system refuses one.
void limitWorker(const WorkerLimits& limits);

/// Confines this process to what `sandbox` allows, for good: files by Landlock, everything else by a list of the system
/// calls that are left. The system's libraries stay readable, and nothing gains privileges any more.
///
/// Errors: LoadException if this system cannot do it: a sandbox that is not there is refused, not ignored.
/// Threading: before the process has threads.
void confine(const Sandbox& sandbox);

} // namespace tenon::plugin

#pragma once

#include "plugin/config/PluginConfig.h"

namespace tenon::plugin
{

/// Leaves this process, for good, the system calls that plugins need, and of those only what concerns itself: limits,
/// priorities and signals of its own, descriptors without asynchronous signals, connected pairs of sockets, and what
/// `sandbox` allows besides. Everything else fails with EPERM, as if the user had no right to it.
///
/// Shape:     `holdsTruncation`: Landlock keeps files that may only be read from being cut short; otherwise it is done
///            here.
/// Errors:    LoadException.
/// Threading: before the process has threads.
void filterSystemCalls(const Sandbox& sandbox, bool holdsTruncation);

} // namespace tenon::plugin

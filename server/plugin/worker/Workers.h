#pragma once

#include "plugin/call/PluginThreads.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/process/Library.h"

#include <memory>
#include <string>

namespace tenon::plugin
{

/// An instance in a worker process started from `executable`; see WorkerInstance.
///
/// Errors: LoadException where the system has no workers.
[[nodiscard]] std::shared_ptr<ManagedInstance> makeWorkerInstance(const PluginConfig& config,
                                                                  const std::shared_ptr<LibraryImage>& image,
                                                                  const std::shared_ptr<PluginThreads>& threads,
                                                                  const std::string& executable);

} // namespace tenon::plugin

#pragma once

#include "plugin/config/PluginConfig.h"
#include "plugin/manager/Lifecycle.h"
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
                                                                  const std::shared_ptr<Lifecycle>& lifecycle,
                                                                  const std::string& executable);

/// The program that workers are started from: this one, even after an upgrade has replaced its file. Empty where the
/// system has no workers.
[[nodiscard]] std::string ownExecutable();

} // namespace tenon::plugin

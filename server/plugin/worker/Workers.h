#pragma once

#include "plugin/call/PluginLimit.h"
#include "plugin/call/PluginThreads.h"
#include "plugin/worker/WorkerPlan.h"

#include <memory>

namespace tenon::plugin
{

/// An instance in worker processes; see WorkerInstance.
///
/// Shape:  `limit` counts the calls inside; null: nothing does.
/// Errors: LoadException where the system has no workers.
[[nodiscard]] std::shared_ptr<ManagedInstance> makeWorkerInstance(const WorkerPlan& plan,
                                                                  const std::shared_ptr<PluginThreads>& threads,
                                                                  const std::shared_ptr<PluginLimit>& limit = nullptr);

} // namespace tenon::plugin

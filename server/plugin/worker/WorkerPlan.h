#pragma once

#include "base/limits/Budget.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/process/Library.h"
#include "plugin/worker/channel/FrameSplitter.h"

#include <cstddef>
#include <memory>
#include <string>

namespace tenon::plugin
{

/// What all workers of a plugin are made from.
///
/// Threading: constant.
struct WorkerPlan
{
    PluginConfig config;
    std::shared_ptr<LibraryImage> image;
    std::string executable;
    std::size_t maxMessageBytes = FrameSplitter::MAX_UNFINISHED; ///< what is larger is one call's affair
    base::Budget* budget = nullptr;                              ///< null: nobody counts
    bool trial =
        false; ///< tries a library that is then loaded elsewhere, where it logs the same again: only errors are logged
};

} // namespace tenon::plugin

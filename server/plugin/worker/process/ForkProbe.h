#pragma once

#include "plugin/config/OwnSettings.h"
#include "plugin/process/Library.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// A library that is to be tried before it is loaded.
struct ProbeSubject
{
    std::string name;
    std::shared_ptr<LibraryImage> image;
    OwnSettings settings;
};

/// Loads libraries in a copy of this process, one after the other, creates their plugins and reads their lists.
///
/// Shape:     gives the reasons of those that cannot be loaded, by name. `timeout` is each library's.
/// Errors:    Poco::SystemException if no process can be made.
/// Threading: while a server starts: its other threads, if there are any, must hold no locks that loading needs.
[[nodiscard]] std::map<std::string, std::string> probeInFork(const std::vector<ProbeSubject>& subjects,
                                                             std::chrono::milliseconds timeout);

/// Whether this system copies processes. Where it does not, `probeInFork` tries nothing and gives no reasons.
[[nodiscard]] bool canProbeInFork() noexcept;

} // namespace tenon::plugin

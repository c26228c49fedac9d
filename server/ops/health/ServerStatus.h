#pragma once

#include "plugin/manager/PluginManager.h"

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace tenon::ops
{

enum class Phase
{
    STARTING,
    RUNNING,
    DRAINING ///< told to stop: new work should go elsewhere, what is here is finished
};

/// Whether work should be sent here, and why not.
struct Readiness
{
    Phase phase = Phase::STARTING;
    std::vector<std::string> missingPlugins;             ///< required and not there
    std::map<std::string, std::string> lackingPlugins{}; ///< required, and what they lack, in their words

    [[nodiscard]] bool ready() const
    {
        return phase == Phase::RUNNING && missingPlugins.empty() && lackingPlugins.empty();
    }
};

/// How the server as a whole fares.
///
/// Threading: any thread; nothing here waits for a plugin or for the disk, since `/health` is asked by those who decide
///            whether the process lives on.
/// Ownership: borrows the plugins.
class ServerStatus
{
public:
    /// Shape: `required` names the plugins without which the server is not ready.
    ServerStatus(const plugin::PluginManager& plugins, std::vector<std::string> required);

    void enter(Phase phase) { _phase = phase; }
    [[nodiscard]] Phase phase() const { return _phase; }
    [[nodiscard]] Readiness readiness() const;

    /// What is offered, and how each plugin fares.
    [[nodiscard]] const plugin::PluginManager& plugins() const { return _plugins; }

    [[nodiscard]] std::chrono::seconds uptime() const;

private:
    const plugin::PluginManager& _plugins;
    const std::vector<std::string> _required;
    const std::chrono::steady_clock::time_point _startedAt;
    std::atomic<Phase> _phase{Phase::STARTING};
};

} // namespace tenon::ops

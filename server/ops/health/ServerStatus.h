#pragma once

#include "plugin/manager/PluginManager.h"

#include <atomic>
#include <chrono>
#include <functional>
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

/// The state of the server's backing: what it shares with other instances, or stores.
enum class Backed
{
    THERE,
    AWAY,   ///< what is local goes on
    MISSING ///< it is away, and the operator wants no work without it
};

/// Whether work should be sent here, and why not.
struct Readiness
{
    Phase phase = Phase::STARTING;
    std::vector<std::string> missingPlugins;             ///< required and not there
    std::map<std::string, std::string> lackingPlugins{}; ///< required, and what they lack, in their words
    Backed backed = Backed::THERE;

    [[nodiscard]] bool ready() const
    {
        return phase == Phase::RUNNING && missingPlugins.empty() && lackingPlugins.empty() && backed != Backed::MISSING;
    }
};

/// The state of the server as a whole.
///
/// Threading: any thread; nothing here waits for a plugin or for the disk, since `/health` is asked by those who decide
///            whether the process lives on.
/// Ownership: borrows the plugins.
class ServerStatus
{
public:
    /// Shape: `required` names the plugins without which the server is not ready; `backed` tells at once how what stands
    ///        behind the server fares, null: nothing does.
    ServerStatus(const plugin::PluginManager& plugins, std::vector<std::string> required,
                 std::function<Backed()> backed = nullptr);

    void enter(Phase phase) { _phase = phase; }
    [[nodiscard]] Phase phase() const { return _phase; }
    [[nodiscard]] Readiness readiness() const;

    /// What is offered, and how each plugin fares.
    [[nodiscard]] const plugin::PluginManager& plugins() const { return _plugins; }

    [[nodiscard]] std::chrono::seconds uptime() const;

private:
    const plugin::PluginManager& _plugins;
    const std::vector<std::string> _required;
    const std::function<Backed()> _backed;
    const std::chrono::steady_clock::time_point _startedAt;
    std::atomic<Phase> _phase{Phase::STARTING};
};

} // namespace tenon::ops

#pragma once

#include "plugin/Instance.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// How an instance fares, for `/stats` and `/ready`.
struct InstanceStatus
{
    std::string state = "running"; ///< "running", "restarting", "quarantined"
    std::int64_t processId = 0;    ///< of the worker; 0 in process
    std::uint64_t crashes = 0;
    std::uint64_t callsInside = 0; ///< entered and not yet out
};

/// An instance as its manager sees it.
///
/// Threading: `offer` and `start` on the manager's thread for plugins, the rest on any.
class ManagedInstance : public Instance
{
public:
    /// Reads the lists.
    ///
    /// Errors: LoadException.
    [[nodiscard]] virtual Offer offer() = 0;

    /// Calls may come from here on.
    ///
    /// Errors: LoadException.
    virtual void start() = 0;

    [[nodiscard]] virtual InstanceStatus status() const = 0;
};

/// Where news of instances go.
///
/// Threading: any thread; must not block.
class InstanceOwner
{
public:
    virtual ~InstanceOwner() = default;

    /// A list of the plugin changed: read its offer again.
    virtual void listChanged(const std::string& plugin) = 0;

    virtual void resourceUpdated(std::string_view uri) = 0;

    /// The worker of the plugin crashed too often and stays down.
    virtual void quarantined(const std::string& plugin, const std::string& reason) = 0;
};

} // namespace tenon::plugin

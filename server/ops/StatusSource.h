#pragma once

#include <Poco/Timestamp.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tenon::ops
{

/// What the server says about itself. The application implements it.
///
/// Threading: any thread; nothing here may wait for a plugin or for the disk: `/health` is asked by those who decide
///            whether the process lives on.
class StatusSource
{
public:
    virtual ~StatusSource() = default;

    enum class Phase
    {
        STARTING,
        RUNNING,
        DRAINING
    };
    [[nodiscard]] virtual Phase phase() const = 0;

    /// Plugins that are required and not there.
    [[nodiscard]] virtual std::vector<std::string> missingPlugins() const = 0;

    struct Offer
    {
        std::size_t plugins = 0, tools = 0, resources = 0, prompts = 0;
    };
    /// What is offered at the moment.
    [[nodiscard]] virtual Offer offer() const = 0;

    /// One plugin file. Counters are since the file was found.
    struct Plugin
    {
        std::string name, version, isolation;
        std::string state;  ///< "running", "restarting", "quarantined", "refused", "disabled"
        std::string reason; ///< why it is refused or quarantined; empty: it is not
        std::uint64_t tools = 0;
        std::uint64_t reloads = 0, failedReloads = 0;
        std::uint64_t crashes = 0, kills = 0, restarts = 0; ///< of its worker
        std::uint64_t memoryBytes = 0;                      ///< of its worker; 0: it has none
        std::uint64_t calls = 0;                            ///< that run in it now
        std::uint64_t lostThreads = 0;                      ///< that its calls hold long after their deadline
    };
    [[nodiscard]] virtual std::vector<Plugin> plugins() const { return {}; }

    /// Calls that wait for their turn, by tool.
    [[nodiscard]] virtual std::vector<std::pair<std::string, std::size_t>> queues() const { return {}; }

    /// One path a client can be pointed to.
    struct Endpoint
    {
        std::string path;      ///< "/mcp"
        std::string transport; ///< "Streamable HTTP", "HTTP+SSE"
    };
    [[nodiscard]] virtual std::vector<Endpoint> endpoints() const = 0;

    [[nodiscard]] virtual Poco::Timestamp startedAt() const = 0;
};

} // namespace tenon::ops

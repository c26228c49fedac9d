#pragma once

#include <Poco/Timestamp.h>

#include <cstddef>
#include <string>
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

#pragma once

#include "guard/Gate.h"
#include "ops/health/ServerStatus.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <string>
#include <string_view>
#include <vector>

namespace tenon::ops
{

/// One path a client can be pointed to.
struct Endpoint
{
    std::string path;      ///< "/mcp"
    std::string transport; ///< "Streamable HTTP", "HTTP+SSE"
};

/// What the page shows.
struct ConsoleFacts
{
    Readiness readiness;
    std::size_t plugins = 0, tools = 0, resources = 0, prompts = 0;
    std::vector<Endpoint> endpoints;
    bool forStrangers = false; ///< who comes may be anybody: where to log in, and nothing else
};

/// `GET /`: a page for people who come with a browser: what this server is, where its endpoints are, how to connect. It
/// loads nothing and runs nothing. Where credentials are asked for it says no more than where to bring them.
///
/// Ownership: borrows the status and the gate.
class ConsolePage : public Poco::Net::HTTPRequestHandler
{
public:
    /// Shape: `publicUrl` as in the settings; empty: as the browser calls us.
    ConsolePage(const ServerStatus& status, const guard::Gate& gate, std::vector<Endpoint> endpoints,
                std::string publicUrl)
        : _status(status), _gate(gate), _endpoints(std::move(endpoints)), _publicUrl(std::move(publicUrl))
    {
    }
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const ServerStatus& _status;
    const guard::Gate& _gate;
    const std::vector<Endpoint> _endpoints;
    const std::string _publicUrl;
};

/// Shape: `base` is "https://mcp.example", without a slash at the end.
[[nodiscard]] std::string consoleHtml(const ConsoleFacts& facts, std::string_view base);

/// Text fit for HTML, in elements and in quoted attributes.
[[nodiscard]] std::string htmlEscaped(std::string_view text);

} // namespace tenon::ops

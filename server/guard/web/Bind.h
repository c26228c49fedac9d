#pragma once

#include <string>

namespace tenon::guard
{

/// Where the server listens. Guard reads none of the transports' settings.
struct Bind
{
    std::string address = "127.0.0.1"; ///< an IP address, with or without brackets, or "localhost"; without port
    int port = 0;
    bool tls = false;
    std::string endpointPath = "/mcp"; ///< of the MCP endpoint, for the OAuth metadata
};

} // namespace tenon::guard

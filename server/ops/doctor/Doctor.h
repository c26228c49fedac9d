#pragma once

#include "client/http/Credentials.h"
#include "client/http/HttpConnections.h"

#include <iosfwd>
#include <string>

namespace tenon::ops
{

struct DoctorOptions
{
    client::CredentialsPtr credentials; ///< null: none. Never printed
    bool given = false;                 ///< the operator named some for this: that they are refused is a fault
    client::HttpOptions http;
    int timeoutMs = 5000; ///< of each request
};

/// Looks at a running server from outside, as a client would, and says what is wrong and what to change: reachability,
/// TLS, health, clock, revisions, sessions, authentication and its metadata, Host and Origin checks, CORS, buffering by
/// a proxy.
///
/// Shape:     `url` is that of the MCP endpoint, "https://mcp.example/mcp"; without a path "/mcp" is taken. One line a
///            finding: "ok", "note", "warn" or "FAIL".
/// Errors:    none; what cannot be done is a finding. Returns the number of FAIL lines.
/// Threading: any thread; blocks for some seconds.
int doctor(const std::string& url, const DoctorOptions& options, std::ostream& out);

} // namespace tenon::ops

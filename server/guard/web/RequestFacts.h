#pragma once

#include "base/text/HeaderFields.h"

#include <string_view>

namespace tenon::guard
{

/// What a route is, as far as admission is concerned. The router knows, the gate does not compare paths.
enum class Area
{
    ENDPOINT, ///< the MCP endpoint and messages of the HTTP+SSE transport: credentials are demanded
    SSE, ///< a stream of the HTTP+SSE transport, or a WebSocket: as ENDPOINT, and the only place for a token in the query
    OPEN,      ///< health, readiness, metadata documents: Host and Origin are checked, credentials are not asked for
    OPERATIONS ///< statistics, broadcast, metrics: as ENDPOINT; the handler asks the principal for the permission
};

/// All that is looked at to let a request in. Everything is borrowed for the duration of one call.
struct RequestFacts
{
    std::string_view method;      ///< "POST"
    std::string_view path;        ///< as sent, without the query
    std::string_view query;       ///< without the question mark; may be empty
    std::string_view peerAddress; ///< of the socket: "127.0.0.1", "::1", without brackets and port
    std::string_view tlsSubject;  ///< of a client certificate that was verified, RFC 2253; else empty
    bool tls = false;
    Area area = Area::ENDPOINT;
    const base::HeaderFields* headers = nullptr; ///< never null
};

} // namespace tenon::guard

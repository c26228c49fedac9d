#pragma once

#include "client/ClientException.h"
#include "client/protocol/Reply.h"

#include <string>
#include <string_view>
#include <vector>

namespace tenon::client
{

class ClientSession;

/// Agrees with a server on a revision: probes with `server/discover`, and falls back to the handshake when the answer is
/// not one of a modern server.
///
/// Errors:    ClientException: no common revision is PROTOCOL, and what the transport or the server says otherwise.
/// Threading: one thread, while the session opens.
/// Spec:      2026-07-28, Versioning and Compatibility; the bindings' sections on backward compatibility.
class RevisionProbe
{
public:
    explicit RevisionProbe(ClientSession& session) : _session(session) {}

    void run();

private:
    /// True: the server is modern, and all is settled.
    bool discover(std::string_view revision, bool again);
    bool settle(const Reply& reply, std::string_view revision);
    bool choose(const std::vector<std::string>& supported, bool again);
    void initialize(std::string_view revision);
    bool initializeOnce(std::string_view revision, std::string& other);

    ClientSession& _session;
    std::string _legacy; ///< to begin the handshake with, if the server named revisions; else empty
};

} // namespace tenon::client

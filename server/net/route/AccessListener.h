#pragma once

#include <Poco/Timestamp.h>

#include <cstdint>
#include <string>

namespace tenon::net
{

/// One request that was answered, or whose client disconnected first.
struct AccessEntry
{
    Poco::Timestamp began;
    std::string clientAddress; ///< as the gate sees it
    std::string principal;     ///< its name; empty: refused
    std::string method, target, protocol;
    std::string referer, userAgent;
    std::string sessionId, rpcMethod, rpcName; ///< of the message, or of the headers if it was none; empty: none
    std::string traceParent;                   ///< of the headers
    int status = 0;                            ///< 0: the client went before there was one
    std::uint64_t bytes = 0;                   ///< of the body
    std::int64_t durationUs = 0;
    bool isError = false; ///< a JSON-RPC error, or the result of a tool that failed, as far as it is known by then
};

/// One event stream that lasts: a GET on the MCP endpoint, an HTTP+SSE session, `subscriptions/listen`.
struct StreamEntry
{
    Poco::Timestamp began;
    std::string clientAddress;
    std::string principal;
    std::string sessionId; ///< empty: of no session
    std::string target;
    std::string_view why; ///< it closed: client, server, slow reader, idle, expired (its login), replaced, drain
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
    std::int64_t durationUs = 0;
};

/// Notified of every request the front has read, if it wants to know, and of streams. Without one, nothing is noted.
///
/// Errors:    what it throws is logged and goes no further.
/// Threading: any thread; must not block.
class AccessListener
{
public:
    virtual ~AccessListener() = default;

    /// Whether it wants to be told of a request that begins now. Noting a request costs what noting no stream does.
    [[nodiscard]] virtual bool wantsRequests() const noexcept { return true; }

    virtual void answered(const AccessEntry& entry) = 0;
    virtual void opened(const StreamEntry& entry) { (void)entry; }
    virtual void closed(const StreamEntry& entry) { (void)entry; }
};

} // namespace tenon::net

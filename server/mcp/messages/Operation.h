#pragma once

#include "jsonrpc/Error.h"
#include "mcp/messages/IncomingMessage.h"
#include "mcp/messages/TraceContext.h"

#include <Poco/Timestamp.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// What a plugin did for a request.
struct PluginRun
{
    std::string_view plugin;      ///< its name
    bool outside = false;         ///< it is not in this process: a worker, an attached program, another server
    bool failed = false;          ///< an error, or a tool's result with `isError`
    std::uint64_t durationUs = 0; ///< up to now
};

/// One request of a client, from its arrival to its answer, for those who keep traces or a list of them.
struct Operation
{
    enum class Outcome : std::uint8_t
    {
        RESULT,
        TOOL_ERROR, ///< a result with `isError`
        ERROR,      ///< a JSON-RPC error, of the kind `error`
        NOTHING     ///< no answer: cancelled, or the client has gone
    };

    std::string method; ///< "tools/call"
    std::string name;   ///< of the tool, the prompt, or the resource; empty: of none
    std::string requestId;
    std::string principal;
    std::string sessionId; ///< of a legacy client
    std::string clientAddress;
    std::string_view protocolVersion; ///< empty: it never became clear
    Transport transport = Transport::STREAMABLE_HTTP;
    Poco::Timestamp began;
    std::int64_t durationUs = 0;

    Outcome outcome = Outcome::NOTHING;
    jsonrpc::ErrorKind error = jsonrpc::ErrorKind::NONE;
    int errorCode = 0; ///< with ERROR

    // Of a trace, as lower-case hexadecimal digits; empty: none. `traceId` is set too where nobody traces, but the client does.
    std::string traceId, parentSpanId, traceState;
    std::string spanId;       ///< of this request
    std::string pluginSpanId; ///< handed on to the plugin as the parent of what it does

    // Of the plugin that was entered last; empty: none was.
    std::string plugin;
    bool pluginOutside = false;
    std::int64_t pluginUs = 0;
};

/// Notified of every client request, over any transport.
///
/// Errors:    none may be thrown.
/// Threading: any thread; must not block.
class OperationListener
{
public:
    virtual ~OperationListener() = default;

    /// Whether it wants to hear of a request that begins now. Asked for each, so it must cost next to nothing.
    [[nodiscard]] virtual bool wants() noexcept = 0;

    /// Its sender and what it asks for are known. `trace` is what the plugin will be told, and may be changed.
    virtual void begins(Operation& operation, TraceContext& trace) noexcept = 0;

    /// It is over; once for each that began, or failed before.
    virtual void ended(const Operation& operation) noexcept = 0;
};

} // namespace tenon::mcp

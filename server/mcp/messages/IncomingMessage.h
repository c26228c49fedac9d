#pragma once

#include "base/Principal.h"
#include "base/json/JsonDocument.h"
#include "base/limits/HolderLimits.h"
#include "base/text/HeaderFields.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::mcp
{

class Session;

enum class Transport
{
    STREAMABLE_HTTP,
    HTTP_SSE, ///< the HTTP+SSE transport of 2024-11-05, in any profile
    STDIO,
    WEBSOCKET
};

/// What a sender may have at a time.
struct Allowance
{
    std::string_view holder; ///< under which it is counted: the principal's id, or the address of an anonymous one
    base::HolderLimits limits;
};

/// Whether other instances, or an archive, have been asked for what is not here.
enum class Asked
{
    NOT,
    KNOWN,    ///< it has been fetched, or there is none
    NO_ANSWER ///< it cannot be said: worth another try
};

/// One JSON-RPC message (or batch) as a transport hands it over. Everything is borrowed until `handle` returns.
struct IncomingMessage
{
    std::string_view body;
    base::JsonDocument::Padding padding = base::JsonDocument::Padding::NONE; ///< of `body`
    Transport transport = Transport::STREAMABLE_HTTP;
    base::PrincipalPtr principal;                ///< never null
    const base::HeaderFields* headers = nullptr; ///< null on stdio and WebSocket
    std::shared_ptr<Session> session; ///< all but STREAMABLE_HTTP: the connection's session. STREAMABLE_HTTP: null, the
                                      ///< dispatcher finds it by `Mcp-Session-Id`
    std::string_view clientAddress;   ///< for logs
    Allowance allowance;
    std::int64_t receivedUs = 0;                             ///< when its request was read, base::steadyUs; 0: now
    Asked sessionAsked = Asked::NOT, taskAsked = Asked::NOT; ///< of the session and the task that it names
    bool mayBlock = true;   ///< false: do nothing that may hold the thread; `handle` says WOULD_BLOCK instead
    bool mayBeLarge = true; ///< false: begin no call whose result is likely to be large; `handle` says LARGE instead
};

enum class Handled
{
    DONE,        ///< the sink has, or will get, what is due
    WOULD_BLOCK, ///< nothing happened: hand the message over again where it may block
    LARGE        ///< nothing happened: hand it over again where large results have their turn
};

} // namespace tenon::mcp

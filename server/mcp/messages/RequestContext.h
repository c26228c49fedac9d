#pragma once

#include "base/Principal.h"
#include "base/json/JsonDocument.h"
#include "base/limits/HolderLimits.h"
#include "base/limits/Quota.h"
#include "jsonrpc/Message.h"
#include "mcp/messages/IncomingMessage.h"
#include "mcp/messages/RequestParams.h"
#include "mcp/messages/ResponseSink.h"
#include "mcp/messages/TraceContext.h"
#include "mcp/revisions/ClientCapabilities.h"
#include "mcp/revisions/ProtocolVersion.h"

#include <memory>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// One request, with everything about its sender that a method may need: methods see no revision's way of carrying it.
///
/// Threading: immutable once the dispatcher has filled it. A method whose answer comes later takes it, by moving it.
/// Ownership: keeps the document, the session and the principal; what is text borrows the document.
struct RequestContext
{
    ProtocolVersion version = NEWEST;
    Transport transport = Transport::STREAMABLE_HTTP;
    base::PrincipalPtr principal;
    std::shared_ptr<Session> session; ///< null on modern HTTP requests
    base::JsonDocumentPtr document;
    std::string id; ///< JSON text
    std::string_view method;
    std::string_view about; ///< the param that says which tool, prompt, resource or task; empty: none does
    RequestParams params;
    ClientCapabilities client;
    std::shared_ptr<TraceContext> trace; ///< null: it has none, as most
    bool hasMeta = false;
    base::JsonDocument::Element meta; ///< `params._meta`, an object; only if `hasMeta`
    std::string progressToken;        ///< JSON text; empty: the client wants no progress
    int logLevel = -1;                ///< modern: the lowest level to send; -1: send none. Legacy: the session knows
    ResponseSinkPtr sink;
    std::string holder;        ///< under whom what it leaves behind is counted; empty: the principal
    base::HolderLimits limits; ///< of the holder
    std::int64_t sinceUs = 0;  ///< when it was read, base::steadyUs
    base::Quota::HeldPtr held; ///< what the call takes of its sender's allowance, given back with it; null: no limit

    // Only while the dispatcher handles the message:
    const base::HeaderFields* headers = nullptr;
    bool mayBlock = true;

    [[nodiscard]] bool modern() const { return isModern(version); }

    /// Whether the sender can be told from others: by its credentials, or by having a process of its own.
    [[nodiscard]] bool identified() const { return transport == Transport::STDIO || !principal->anonymous(); }

    /// The string member `name` of `params`. Errors: RpcException (INVALID_PARAMS) if it is missing or no string.
    [[nodiscard]] std::string_view requireText(std::string_view name) const;

    /// The member `name` of `params`, if there is one; null is none.
    template <typename Name>
    [[nodiscard]] bool param(Name name, base::JsonDocument::Element& value) const
    {
        return params.find(name, value);
    }
};

/// Answers with a result.
///
/// Shape: `result` is the JSON of the result's members without braces ("" for none); modern ones get `resultType` and the
///        server's identity in front. `toolFailed`: among them is `isError`.
class ResultMeta;
void answer(const RequestContext& context, const ResultMeta& meta, std::string_view members, bool toolFailed = false);

/// `{"uri":…}`: what an error about a resource carries as its data.
[[nodiscard]] std::string uriData(std::string_view uri);

/// Refuses what the principal may not use: to those who may ask for more it is forbidden, for others it does not exist.
///
/// Errors: RpcException: FORBIDDEN, or `hidden` with `message` and `data`.
[[noreturn]] void deny(const RequestContext& context, base::Access access, std::string_view name, bool readOnly,
                       jsonrpc::ErrorKind hidden, const std::string& message, std::string data = {});

/// Answers with an error, through the context's sink or another.
void answerError(const RequestContext& context, jsonrpc::ErrorKind kind, std::string_view message,
                 std::string_view data = {});
void answerError(const RequestContext& context, ResponseSink& sink, jsonrpc::ErrorKind kind, std::string_view message,
                 std::string_view data);

/// Answers, without any memory, that the answer there was could not be given; a sink that fails even then is closed.
void answerLost(ResponseSink& sink, std::string_view id, bool modern) noexcept;

} // namespace tenon::mcp

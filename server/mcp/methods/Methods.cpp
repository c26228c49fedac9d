#include "mcp/methods/Methods.h"

namespace tenon::mcp
{

/// A shared cache may hand a list on only if everybody sees the same one: who is known may see more than others.
std::string listHints(const Protocol& protocol, const RequestContext& context)
{
    if (!context.modern())
        return {};
    return ",\"ttlMs\":" + std::to_string(protocol.options.listTtlMs) + ",\"cacheScope\":\"" +
           (context.principal->anonymous() && context.principal->mayEverything() ? "public" : "private") + '"';
}

void answerList(Protocol& protocol, const RequestContext& context, ListKind kind)
{
    std::string_view cursor;
    base::JsonDocument::Element value;
    if (context.param("cursor", value) && value.get_string().get(cursor))
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS, "\"cursor\" must be a string");
    answer(context, protocol.meta,
           protocol.view()->list(kind, context.version, cursor, *context.principal) + listHints(protocol, context));
}

} // namespace tenon::mcp

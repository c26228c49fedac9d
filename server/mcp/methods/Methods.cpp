#include "mcp/methods/Methods.h"

namespace tenon::mcp
{

namespace
{

using enum ProtocolVersion;
using enum RequestParams::Name;
using namespace methods;

/// Those that are called most stand first.
constexpr Method METHODS[] = {
    {"tools/call", V2024_11_05, NEWEST, NAME, true, false, callTool},
    {"tools/list", V2024_11_05, NEWEST, NONE, false, false, listTools},
    {"ping", V2024_11_05, V2025_11_25, NONE, false, false, ping},
    {"logging/setLevel", V2024_11_05, V2025_11_25, NONE, false, false, setLogLevel},
    {"server/discover", V2026_07_28, NEWEST, NONE, false, false, discover},
    {"resources/list", V2024_11_05, NEWEST, NONE, false, false, listResources},
    {"resources/templates/list", V2024_11_05, NEWEST, NONE, false, false, listTemplates},
    {"resources/read", V2024_11_05, NEWEST, URI, true, false, readResource},
    {"resources/subscribe", V2024_11_05, V2025_11_25, NONE, true, false, subscribe},
    {"resources/unsubscribe", V2024_11_05, V2025_11_25, NONE, true, false, unsubscribe},
    {"resources/directory/read", V2026_07_28, NEWEST, NONE, true, false, readDirectory},
    {"subscriptions/listen", V2026_07_28, NEWEST, NONE, true, false, listen},
    {"prompts/list", V2024_11_05, NEWEST, NONE, false, false, listPrompts},
    {"prompts/get", V2024_11_05, NEWEST, NAME, true, false, getPrompt},
    {"completion/complete", V2024_11_05, NEWEST, NONE, true, false, complete},
    {"skills/list", V2026_07_28, NEWEST, NONE, false, false, listSkills},
    {"skills/get", V2026_07_28, NEWEST, NONE, false, false, getSkill},
    {"tasks/get", V2026_07_28, NEWEST, TASK_ID, false, true, getTask},
    {"tasks/update", V2026_07_28, NEWEST, TASK_ID, false, true, updateTask},
    {"tasks/cancel", V2026_07_28, NEWEST, TASK_ID, false, true, cancelTask},
    {"tasks/get", V2025_11_25, V2025_11_25, NONE, false, false, legacyGetTask},
    {"tasks/result", V2025_11_25, V2025_11_25, NONE, false, false, legacyTaskResult},
    {"tasks/list", V2025_11_25, V2025_11_25, NONE, false, false, legacyListTasks},
    {"tasks/cancel", V2025_11_25, V2025_11_25, NONE, false, false, legacyCancelTask},
};

} // namespace

const Method* findMethod(std::string_view name, ProtocolVersion version)
{
    for (const Method& method : METHODS)
        if (method.name == name && version >= method.first && version <= method.last)
            return &method;
    return nullptr;
}

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

#include "base/json/JsonWriter.h"
#include "base/text/LogLevels.h"
#include "mcp/methods/Methods.h"
#include "plugin/call/CallBackend.h"

#include <algorithm>
#include <string_view>

namespace tenon::mcp
{

int logLevelOf(std::string_view name)
{
    if (const auto level = base::logLevelOf(name))
        return static_cast<int>(*level);
    throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS, "'" + std::string(name) +
                                                                        "' is not a log level; use " +
                                                                        std::string(base::LOG_LEVEL_NAMES));
}

namespace
{

/// Views of tools are resources of a scheme of their own.
bool offersViews(const plugin::Catalogue& catalogue)
{
    constexpr std::string_view SCHEME = "ui://";
    return std::any_of(catalogue.resources.begin(), catalogue.resources.end(),
                       [&](const plugin::ResourceEntry& resource) { return resource.uri.starts_with(SCHEME); });
}

} // namespace

std::string serverCapabilities(Protocol& protocol, ProtocolVersion version, bool identified)
{
    const auto view = protocol.view();
    const auto& catalogue = *view->catalogue;
    const bool modern = isModern(version);
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    writer.key("logging").beginObject().endObject();
    // What a plugin may bring later is declared now: a client that was told of no tools never asks again.
    writer.key("tools").beginObject().member("listChanged", true).endObject();
    writer.key("resources").beginObject().member("subscribe", true).member("listChanged", true).endObject();
    writer.key("prompts").beginObject().member("listChanged", true).endObject();
    if (!catalogue.completers.empty() && version >= ProtocolVersion::V2025_03_26)
        writer.key("completions").beginObject().endObject();
    if (version == ProtocolVersion::V2025_11_25)
    {
        writer.key("tasks").beginObject();
        if (identified)
            writer.rawMember("list", "{}");
        writer.rawMember("cancel", "{}").rawMember("requests", R"({"tools":{"call":{}}})").endObject();
    }
    const bool views = offersViews(catalogue);
    if (modern || (views && version == ProtocolVersion::V2025_11_25))
    {
        writer.key("extensions").beginObject();
        if (views)
            writer.rawMember(UI_EXTENSION, R"({"mimeTypes":["text/html;profile=mcp-app"]})");
        if (modern)
            writer.rawMember(TASKS_EXTENSION, "{}");
        if (modern && !catalogue.skills.empty())
            writer.rawMember(SKILLS_EXTENSION, catalogue.directoryReaders.empty() ? "{}" : R"({"directoryRead":true})");
        writer.endObject();
    }
    writer.endObject();
    return text;
}

namespace methods
{

void ping(Protocol& protocol, RequestContext& context)
{
    answer(context, protocol.meta, {});
}

void setLogLevel(Protocol& protocol, RequestContext& context)
{
    const int level = logLevelOf(context.requireText("level"));
    if (context.session)
        context.session->logLevel = level;
    if (protocol.cluster && context.session)
        return protocol.cluster->levelChanged(context.session,
                                              [context, &protocol] { answer(context, protocol.meta, {}); });
    answer(context, protocol.meta, {});
}

void discover(Protocol& protocol, RequestContext& context)
{
    std::string members;
    base::JsonWriter writer(members);
    writer.rawMember("supportedVersions", SUPPORTED_VERSIONS_JSON)
        .rawMember("capabilities", serverCapabilities(protocol, context.version, context.identified()));
    if (!protocol.options.instructions.empty())
        writer.member("instructions", protocol.options.instructions);
    answer(context, protocol.meta, members + listHints(protocol, context));
}

} // namespace methods

} // namespace tenon::mcp

#include "ops/console/AccessHandler.h"

#include "base/json/JsonWriter.h"
#include "base/text/PercentCoding.h"
#include "net/route/MemoryRequest.h"
#include "ops/Answers.h"
#include "ops/Permitted.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <string_view>

namespace tenon::ops
{

namespace
{

constexpr std::string_view TYPES = "types";

void writeLimits(base::JsonWriter& writer, const base::HolderLimits& limits)
{
    writer.beginObject();
    const auto optional = [&](std::string_view name, const std::optional<std::uint32_t>& limit)
    {
        if (limit)
            writer.member(name, *limit);
    };
    optional("sessions", limits.sessions);
    optional("streams", limits.streams);
    optional("callsInFlight", limits.callsInFlight);
    optional("tasks", limits.tasks);
    if (limits.connections)
        writer.member("connections", limits.connections);
    if (limits.requestsPerMinute)
        writer.member("requestsPerMinute", limits.requestsPerMinute);
    writer.member("sharePercent", limits.sharePercent).endObject();
}

} // namespace

std::string accessJson(const base::Principal& principal, const base::HolderLimits& limits,
                       const plugin::Catalogue& catalogue)
{
    using base::Access;
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("principal", principal.name).member("type", principal.type);
    const auto list = [&](std::string_view member, Access access, const auto& entries, auto nameOf, auto readOnly)
    {
        writer.key(member).beginArray();
        for (const auto& entry : entries)
            if (principal.may(access, nameOf(entry), readOnly(entry)))
                writer.value(nameOf(entry));
        writer.endArray();
    };
    const auto always = [](const auto&) { return true; };
    list(
        "tools", Access::TOOL, catalogue.tools, [](const auto& tool) -> const std::string& { return tool.name; },
        [](const auto& tool) { return tool.readOnly; });
    list(
        "resources", Access::RESOURCE, catalogue.resources,
        [](const auto& resource) -> const std::string& { return resource.uri; }, always);
    list(
        "templates", Access::RESOURCE, catalogue.templates,
        [](const auto& entry) -> const std::string& { return entry.uriTemplate; }, always);
    list(
        "prompts", Access::PROMPT, catalogue.prompts,
        [](const auto& prompt) -> const std::string& { return prompt.name; }, always);
    writer.member("stats", principal.may(Access::STATS, {}, false))
        .member("broadcast", principal.may(Access::BROADCAST, {}, false))
        .key("limits");
    writeLimits(writer, limits);
    writer.endObject();
    return text;
}

void AccessHandler::handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response)
{
    const auto& own = dynamic_cast<const net::MemoryRequest&>(request);
    const std::string type = base::percentDecoded(own.rest());
    const plugin::CataloguePtr catalogue = _catalogue.current();
    if (type.empty())
        return sendJson(response, 200, accessJson(*own.admission().principal, own.admission().limits, *catalogue));
    if (!permitted(request, response, _gate, base::Access::STATS))
        return;
    if (type == TYPES)
    {
        std::string text;
        base::JsonWriter writer(text);
        writer.beginObject().key("types").beginArray();
        for (const std::string& name : _gate.typeNames())
            writer.value(name);
        writer.endArray().endObject();
        return sendJson(response, 200, text);
    }
    const base::PrincipalPtr principal = _gate.principalOfType(type);
    if (!principal)
        return sendError(response, 404, "not_found", "No such type of principal");
    sendJson(response, 200, accessJson(*principal, _gate.limitsOfType(type), *catalogue));
}

} // namespace tenon::ops

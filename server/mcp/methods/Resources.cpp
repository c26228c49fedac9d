#include "base/json/JsonWriter.h"
#include "mcp/calls/Call.h"
#include "mcp/methods/Methods.h"
#include "plugin/catalogue/UnlistedResources.h"

namespace tenon::mcp
{

using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace
{

[[noreturn]] void notFound(std::string_view uri)
{
    throw RpcException(ErrorKind::RESOURCE_NOT_FOUND, "Resource not found: " + std::string(uri), uriData(uri));
}

void require(const RequestContext& context, std::string_view uri)
{
    if (!context.principal->may(base::Access::RESOURCE, uri, true))
        deny(context, base::Access::RESOURCE, uri, true, ErrorKind::RESOURCE_NOT_FOUND,
             "Resource not found: " + std::string(uri), uriData(uri));
}

/// Who gives a resource, and what it is told.
struct Found
{
    plugin::InstancePtr instance;
    base::JsonDocumentPtr arguments;
    bool filledIn = false; ///< it is none of the listed ones
};

Found locate(const plugin::Catalogue& catalogue, std::string_view uri)
{
    // The plugin knows a listed resource by the URI that it listed.
    const auto* resource = catalogue.resource(uri);
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("uri", resource ? std::string_view(resource->uri) : uri);
    Found found;
    std::vector<std::pair<std::string, std::string>> variables;
    if (resource)
        found.instance = resource->instance;
    else
        for (const auto& candidate : catalogue.templates)
            if (candidate.matches(uri, variables))
            {
                found.instance = candidate.instance;
                writer.member("template", candidate.uriTemplate).key("variables").beginObject();
                for (const auto& [name, value] : variables)
                    writer.member(name, value);
                writer.endObject();
                break;
            }
    // A file of a skill need not be listed: its plugin knows.
    if (!found.instance)
        for (const auto& skill : catalogue.skills)
        {
            const auto folder = std::string_view(skill.uri).substr(0, skill.uri.rfind('/') + 1);
            if (uri.starts_with(folder))
                found.instance = skill.instance;
        }
    if (!found.instance)
        found.instance = plugin::homeOfUnlisted(catalogue, plugin::UnlistedResources::Use::READ);
    if (!found.instance)
        notFound(uri);
    writer.endObject();
    found.filledIn = !resource;
    found.arguments = JsonDocument::parse(text);
    return found;
}

} // namespace

namespace methods
{

void listResources(Protocol& protocol, RequestContext& context)
{
    answerList(protocol, context, ListKind::RESOURCES);
}

void listTemplates(Protocol& protocol, RequestContext& context)
{
    answerList(protocol, context, ListKind::TEMPLATES);
}

void readResource(Protocol& protocol, RequestContext& context)
{
    const std::string_view uri = context.about;
    require(context, uri);
    auto view = protocol.view();
    auto found = locate(*view->catalogue, uri);
    const auto arguments = found.arguments->root();
    auto call = Call::of(
        protocol.callServices, context, std::move(view),
        CallTarget{plugin::Target::RESOURCE, found.instance.get(), 0, nullptr, std::string(uri), found.filledIn},
        std::move(found.arguments), arguments);
    Call::start(std::move(call));
}

void subscribe(Protocol& protocol, RequestContext& context)
{
    const auto uri = context.requireText("uri");
    require(context, uri);
    protocol.subscriptions.subscribe(context, uri);
}

void unsubscribe(Protocol& protocol, RequestContext& context)
{
    protocol.subscriptions.unsubscribe(*context.session, context.requireText("uri"));
    answer(context, protocol.meta, {});
}

void listen(Protocol& protocol, RequestContext& context)
{
    protocol.subscriptions.listeners.listen(context);
}

} // namespace methods

} // namespace tenon::mcp

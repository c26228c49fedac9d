#include "base/json/JsonWriter.h"
#include "base/text/PercentCoding.h"
#include "mcp/calls/Call.h"
#include "mcp/methods/Methods.h"

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace
{

[[noreturn]] void refuse(const std::string& message)
{
    throw RpcException(ErrorKind::INVALID_PARAMS, message);
}

/// The prompt's arguments: an object of strings, the required ones present.
JsonDocument::Element argumentsOf(const RequestContext& context, const plugin::PromptEntry& prompt)
{
    static const base::JsonDocumentPtr none = JsonDocument::parse("{}");
    JsonDocument::Element arguments = none->root();
    if (context.param(RequestParams::ARGUMENTS, arguments))
    {
        simdjson::dom::object members;
        if (arguments.get_object().get(members))
            refuse("\"arguments\" must be an object of strings");
        for (const auto& [name, value] : members)
            if (!value.is_string())
                refuse("the argument '" + std::string(name) + "' must be a string");
    }
    JsonDocument::Element value;
    for (const auto& name : prompt.requiredArguments)
        if (!findMember(arguments, name, value))
            refuse("the prompt '" + prompt.name + "' needs the argument '" + name + "'");
    return arguments;
}

/// What a completion's reference is called by the plugin: a prompt without its prefix, a URI as it was declared.
struct OwnName
{
    std::string_view member; ///< of the reference
    std::string_view name;
};

/// Whose argument is to be completed.
plugin::InstancePtr completerOf(const plugin::Catalogue& catalogue, const base::Principal& principal,
                                const JsonDocument::Element& reference, OwnName& own)
{
    const auto type = base::textMember(reference, "type");
    plugin::InstancePtr instance;
    if (type == "ref/prompt")
    {
        const auto name = base::textMember(reference, "name");
        const auto* prompt = catalogue.prompt(name);
        if (!prompt || !principal.may(base::Access::PROMPT, name, true))
            refuse("Unknown prompt: " + std::string(name));
        instance = prompt->instance;
        own = {"name", prompt->ownName};
    }
    else if (type == "ref/resource")
    {
        const auto uri = base::textMember(reference, "uri");
        for (const auto& candidate : catalogue.templates)
            if (base::normalUri(candidate.uriTemplate) == base::normalUri(uri))
            {
                instance = candidate.instance;
                own = {"uri", candidate.uriTemplate};
            }
        if (const auto* resource = catalogue.resource(uri); resource && !instance)
        {
            instance = resource->instance;
            own = {"uri", resource->uri};
        }
        if (!instance || !principal.may(base::Access::RESOURCE, uri, true))
            refuse("Unknown resource template: " + std::string(uri));
    }
    else
        refuse("\"ref\" must have the type ref/prompt or ref/resource");
    for (const auto& completer : catalogue.completers)
        if (completer == instance)
            return instance;
    return nullptr;
}

/// The params of a completion as the plugin is to see them: its prompts have no prefix there.
base::JsonDocumentPtr withOwnName(const JsonDocument::Element& params, const OwnName& own)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    for (const auto& [name, value] : simdjson::dom::object(params))
    {
        writer.key(name);
        if (name != "ref")
        {
            writer.value(value);
            continue;
        }
        writer.beginObject();
        for (const auto& [key, content] : simdjson::dom::object(value))
            key == own.member ? writer.member(key, own.name) : writer.member(key, content);
        writer.endObject();
    }
    writer.endObject();
    return JsonDocument::parse(text);
}

} // namespace

namespace methods
{

void listPrompts(Protocol& protocol, RequestContext& context)
{
    answerList(protocol, context, ListKind::PROMPTS);
}

void getPrompt(Protocol& protocol, RequestContext& context)
{
    const std::string_view name = context.about;
    auto view = protocol.view();
    const auto* prompt = view->catalogue->prompt(name);
    if (!prompt)
        refuse("Unknown prompt: " + std::string(name));
    if (!context.principal->may(base::Access::PROMPT, name, true))
        deny(context, base::Access::PROMPT, name, true, ErrorKind::INVALID_PARAMS,
             "Unknown prompt: " + std::string(name));
    const auto arguments = argumentsOf(context, *prompt);
    CallTarget target{plugin::Target::PROMPT, prompt->instance.get(),
                      prompt->index,          nullptr,
                      prompt->name,           arguments.get_object().value_unsafe().size() > 0};
    auto call = Call::of(protocol.callServices, context, std::move(view), std::move(target), nullptr, arguments);
    Call::start(std::move(call));
}

void complete(Protocol& protocol, RequestContext& context)
{
    JsonDocument::Element reference, argument, value;
    if (!context.param("ref", reference) || !reference.is_object())
        refuse("completion/complete needs the object \"ref\" in its params");
    if (!context.param("argument", argument) || base::textMember(argument, "name").empty() ||
        !findMember(argument, "value", value) || !value.is_string())
        refuse("completion/complete needs the object \"argument\" with \"name\" and \"value\" in its params");
    auto view = protocol.view();
    OwnName own;
    auto instance = completerOf(*view->catalogue, *context.principal, reference, own);
    if (!instance)
        return answer(context, protocol.meta, R"("completion":{"values":[],"total":0,"hasMore":false})");
    CallTarget target{
        plugin::Target::COMPLETION, instance.get(), 0, nullptr, std::string(base::textMember(argument, "name")), true};
    base::JsonDocumentPtr document;
    auto params = context.params.object();
    if (!own.member.empty() && own.name != base::textMember(reference, own.member))
    {
        document = withOwnName(params, own);
        params = document->root();
    }
    Call::start(
        Call::of(protocol.callServices, context, std::move(view), std::move(target), std::move(document), params));
}

} // namespace methods

} // namespace tenon::mcp

#include "base/json/JsonWriter.h"
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
    if (context.param("arguments", arguments))
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

/// Whose argument is to be completed; `ownName` gets a prompt's name as its plugin knows it.
plugin::InstancePtr completerOf(const plugin::Catalogue& catalogue, const base::Principal& principal,
                                const JsonDocument::Element& reference, std::string_view& ownName)
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
        ownName = prompt->ownName;
    }
    else if (type == "ref/resource")
    {
        const auto uri = base::textMember(reference, "uri");
        for (const auto& candidate : catalogue.templates)
            if (candidate.uriTemplate == uri)
                instance = candidate.instance;
        if (const auto* resource = catalogue.resource(uri); resource && !instance)
            instance = resource->instance;
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
base::JsonDocumentPtr withOwnName(const JsonDocument::Element& params, std::string_view ownName)
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
            key == "name" ? writer.member(key, ownName) : writer.member(key, content);
        writer.endObject();
    }
    writer.endObject();
    return JsonDocument::parse(text);
}

} // namespace

namespace methods
{

void listPrompts(Protocol& protocol, const RequestContext& context)
{
    answerList(protocol, context, ListKind::PROMPTS);
}

void getPrompt(Protocol& protocol, const RequestContext& context)
{
    const auto name = context.requireText("name");
    auto view = protocol.view();
    const auto* prompt = view->catalogue->prompt(name);
    if (!prompt)
        refuse("Unknown prompt: " + std::string(name));
    if (!context.principal->may(base::Access::PROMPT, name, true))
        deny(context, base::Access::PROMPT, name, true, ErrorKind::INVALID_PARAMS,
             "Unknown prompt: " + std::string(name));
    const auto arguments = argumentsOf(context, *prompt);
    CallTarget target{plugin::Target::PROMPT, prompt->instance, prompt->index, nullptr, prompt->name};
    const auto call = std::make_shared<Call>(protocol.callServices, context, std::move(view), std::move(target),
                                             context.document, arguments);
    if (context.modern())
        call->takeInput();
    call->start();
}

void complete(Protocol& protocol, const RequestContext& context)
{
    JsonDocument::Element reference, argument, value;
    if (!context.param("ref", reference) || !reference.is_object())
        refuse("completion/complete needs the object \"ref\" in its params");
    if (!context.param("argument", argument) || base::textMember(argument, "name").empty() ||
        !findMember(argument, "value", value) || !value.is_string())
        refuse("completion/complete needs the object \"argument\" with \"name\" and \"value\" in its params");
    auto view = protocol.view();
    std::string_view ownName;
    auto instance = completerOf(*view->catalogue, *context.principal, reference, ownName);
    if (!instance)
        return answer(context, protocol.meta, R"("completion":{"values":[],"total":0,"hasMore":false})");
    CallTarget target{plugin::Target::COMPLETION, std::move(instance), 0, nullptr,
                      std::string(base::textMember(argument, "name"))};
    auto document = context.document;
    auto params = context.message.params;
    if (!ownName.empty() && ownName != base::textMember(reference, "name"))
    {
        document = withOwnName(params, ownName);
        params = document->root();
    }
    std::make_shared<Call>(protocol.callServices, context, std::move(view), std::move(target), std::move(document),
                           params)
        ->start();
}

} // namespace methods

} // namespace tenon::mcp

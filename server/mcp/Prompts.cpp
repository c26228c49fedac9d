#include "mcp/Call.h"
#include "mcp/Methods.h"

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

/// Whose argument is to be completed.
plugin::InstancePtr completerOf(const plugin::Catalogue& catalogue, const JsonDocument::Element& reference)
{
    const auto type = base::textMember(reference, "type");
    plugin::InstancePtr instance;
    if (type == "ref/prompt")
    {
        const auto name = base::textMember(reference, "name");
        const auto* prompt = catalogue.prompt(name);
        if (!prompt)
            refuse("Unknown prompt: " + std::string(name));
        instance = prompt->instance;
    }
    else if (type == "ref/resource")
    {
        const auto uri = base::textMember(reference, "uri");
        for (const auto& candidate : catalogue.templates)
            if (candidate.uriTemplate == uri)
                instance = candidate.instance;
        if (const auto* resource = catalogue.resource(uri); resource && !instance)
            instance = resource->instance;
        if (!instance)
            refuse("Unknown resource template: " + std::string(uri));
    }
    else
        refuse("\"ref\" must have the type ref/prompt or ref/resource");
    for (const auto& completer : catalogue.completers)
        if (completer == instance)
            return instance;
    return nullptr;
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
    if (!prompt || !context.principal->may(base::Access::PROMPT, name, true))
        refuse("Unknown prompt: " + std::string(name));
    const auto arguments = argumentsOf(context, *prompt);
    Call::Target target{plugin::Target::PROMPT, prompt->instance, prompt->index, nullptr, prompt->name};
    const auto call =
        std::make_shared<Call>(protocol, context, std::move(view), std::move(target), context.document, arguments);
    if (context.modern())
        call->takeInput();
    call->start();
}

void complete(Protocol& protocol, const RequestContext& context)
{
    JsonDocument::Element reference, argument;
    if (!context.param("ref", reference) || !reference.is_object())
        refuse("completion/complete needs the object \"ref\" in its params");
    if (!context.param("argument", argument) || base::textMember(argument, "name").empty())
        refuse("completion/complete needs the object \"argument\" with \"name\" and \"value\" in its params");
    auto view = protocol.view();
    auto instance = completerOf(*view->catalogue, reference);
    if (!instance)
        return answer(context, protocol.meta, R"("completion":{"values":[],"total":0,"hasMore":false})");
    Call::Target target{plugin::Target::COMPLETION, std::move(instance), 0, nullptr,
                        std::string(base::textMember(argument, "name"))};
    std::make_shared<Call>(protocol, context, std::move(view), std::move(target), context.document,
                           context.message.params)
        ->start();
}

} // namespace methods

} // namespace tenon::mcp

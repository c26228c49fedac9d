#include "base/json/JsonWriter.h"
#include "mcp/calls/Call.h"
#include "mcp/messages/MirroredHeaders.h"
#include "mcp/methods/Methods.h"

namespace tenon::mcp
{

using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace
{

const base::JsonDocumentPtr& emptyObject()
{
    static const base::JsonDocumentPtr document = JsonDocument::parse("{}");
    return document;
}

/// Answers with a tool result that says what is wrong, for the model to correct itself.
void refuseArguments(Protocol& protocol, const RequestContext& context, const std::string& text)
{
    std::string members = "\"content\":[{\"type\":\"text\",\"text\":";
    base::JsonWriter::appendString(members, text);
    answer(context, protocol.meta, members + "}],\"isError\":true", true);
}

enum class Mode
{
    PLAIN,
    TASK
};

/// Whether the call is to be a task before it is entered. Errors: RpcException.
Mode modeOf(const RequestContext& context, const plugin::ToolEntry& tool)
{
    using plugin::TaskSupport;
    JsonDocument::Element task;
    if (context.modern())
    {
        if (tool.taskSupport == TaskSupport::REQUIRED && !context.client.tasks)
            throw RpcException(ErrorKind::MISSING_CAPABILITY,
                               "Missing required client capability: '" + tool.name + "' runs as a task only",
                               R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})");
        return tool.taskSupport != TaskSupport::FORBIDDEN && context.client.tasks && !tool.taskOnDemand ? Mode::TASK
                                                                                                        : Mode::PLAIN;
    }
    const bool asked = context.version == ProtocolVersion::V2025_11_25 && context.param("task", task);
    if (asked && !task.is_object())
        throw RpcException(ErrorKind::INVALID_PARAMS, "\"task\" must be an object");
    if (asked && tool.taskSupport == TaskSupport::FORBIDDEN)
        throw RpcException(ErrorKind::METHOD_NOT_FOUND, "the tool '" + tool.name + "' cannot run as a task");
    if (!asked && tool.taskSupport == TaskSupport::REQUIRED && context.version == ProtocolVersion::V2025_11_25)
        throw RpcException(ErrorKind::METHOD_NOT_FOUND,
                           "the tool '" + tool.name + "' runs as a task only; send \"task\"");
    return asked ? Mode::TASK : Mode::PLAIN; // at once, on demand or not: the client is owed its task
}

/// The arguments without those that are null and need not be there: models write null for what they leave out. Null where
/// a schema allows it is a value, and does not come here.
base::JsonDocumentPtr withoutNulls(const plugin::ToolEntry& tool, const JsonDocument::Element& arguments)
{
    const auto definition = JsonDocument::parse(tool.definition.text());
    JsonDocument::Element schema, list;
    simdjson::dom::array required;
    const bool hasRequired = base::findMember(definition->root(), "inputSchema", schema) &&
                             base::findMember(schema, "required", list) && !list.get_array().get(required);
    const auto isRequired = [&](std::string_view name)
    {
        std::string_view one;
        if (hasRequired)
            for (const auto& item : required)
                if (!item.get_string().get(one) && one == name)
                    return true;
        return false;
    };
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    for (const auto& [name, value] : simdjson::dom::object(arguments))
        if (!value.is_null() || isRequired(name))
            writer.member(name, value);
    writer.endObject();
    return JsonDocument::parse(text);
}

} // namespace

namespace methods
{

void listTools(Protocol& protocol, RequestContext& context)
{
    answerList(protocol, context, ListKind::TOOLS);
}

void callTool(Protocol& protocol, RequestContext& context)
{
    const std::string_view name = context.about;
    auto view = protocol.view();
    const plugin::ToolEntry* tool = view->catalogue->tool(name);
    if (!tool)
        throw RpcException(ErrorKind::INVALID_PARAMS, "Unknown tool: " + std::string(name));
    if (!context.principal->may(base::Access::TOOL, tool->name, tool->readOnly))
        deny(context, base::Access::TOOL, tool->name, tool->readOnly, ErrorKind::INVALID_PARAMS,
             "Unknown tool: " + std::string(name));

    JsonDocument::Element arguments;
    base::JsonDocumentPtr document; // of the arguments, if they are not the request's own
    if (!context.param(RequestParams::ARGUMENTS, arguments))
        arguments = emptyObject()->root();
    else if (!arguments.is_object())
        throw RpcException(ErrorKind::INVALID_PARAMS, "\"arguments\" must be an object");
    if (context.modern() && context.headers && !tool->headerParameters.empty())
        checkParameterHeaders(*context.headers, *tool, arguments);
    const Mode mode = modeOf(context, *tool);

    schema::Violation violation;
    if (!tool->inputSchema->validate(arguments, &violation))
    {
        auto spoken = withoutNulls(*tool, arguments);
        if (!tool->inputSchema->validate(spoken->root(), &violation))
        {
            const auto all = tool->inputSchema->violations(arguments);
            view->metricsOf(*tool).errors.add();
            return refuseArguments(protocol, context,
                                   "The arguments of '" + tool->name + "' are not valid: " + schema::render(all));
        }
        document = std::move(spoken);
        arguments = document->root();
    }

    auto call = Call::of(protocol.callServices, context, std::move(view),
                         CallTarget{plugin::Target::TOOL, tool->instance.get(), tool->index, tool, tool->name},
                         std::move(document), arguments);
    if (mode == Mode::TASK)
    {
        try
        {
            call->startAsTask();
        }
        catch (const RpcException&)
        {
            context = call->giveBack();
            throw;
        }
        // The client has its task: the work goes on elsewhere, this thread is free for it to poll.
        protocol.services.executor.post([call] { Call::start(call); });
    }
    else
        Call::start(std::move(call));
}

} // namespace methods

} // namespace tenon::mcp

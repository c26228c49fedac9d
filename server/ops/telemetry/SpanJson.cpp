#include "ops/telemetry/SpanJson.h"

#include "base/json/JsonWriter.h"

#include <algorithm>
#include <cstdint>

namespace tenon::ops
{

namespace
{

using mcp::Operation;

// Of OTLP's Span.SpanKind and Status.StatusCode.
enum class Kind
{
    INTERNAL = 1,
    SERVER = 2,
    CLIENT = 3
};
constexpr int STATUS_ERROR = 2;

constexpr std::int64_t NS_PER_US = 1000;
constexpr std::string_view TOOLS_CALL = "tools/call";
constexpr std::string_view PROMPTS_GET = "prompts/get";
constexpr std::string_view LISTEN = "subscriptions/listen";
constexpr std::string_view RESOURCES = "resources/";

void attribute(base::JsonWriter& writer, std::string_view key, std::string_view text)
{
    if (!text.empty())
        writer.beginObject()
            .member("key", key)
            .key("value")
            .beginObject()
            .member("stringValue", text)
            .endObject()
            .endObject();
}

void flagAttribute(base::JsonWriter& writer, std::string_view key, bool flag)
{
    writer.beginObject()
        .member("key", key)
        .key("value")
        .beginObject()
        .member("boolValue", flag)
        .endObject()
        .endObject();
}

/// An id of JSON-RPC is JSON text; an attribute has the text alone.
std::string_view unquoted(std::string_view id)
{
    return id.size() >= 2 && id.front() == '"' ? id.substr(1, id.size() - 2) : id;
}

std::string errorType(const Operation& operation)
{
    switch (operation.outcome)
    {
    case Operation::Outcome::RESULT:
        return {};
    case Operation::Outcome::TOOL_ERROR:
        return "tool_error";
    case Operation::Outcome::ERROR:
        return std::to_string(operation.errorCode);
    case Operation::Outcome::NOTHING:
        return operation.method == LISTEN ? "" : "cancelled"; // a stream ends without an answer
    }
    return {};
}

std::string nameOf(const Operation& operation)
{
    // A resource's URI would make as many names as there are resources.
    const bool named = operation.method == TOOLS_CALL || operation.method == PROMPTS_GET;
    return named && !operation.name.empty() ? operation.method + ' ' + operation.name : operation.method;
}

void target(base::JsonWriter& writer, const Operation& operation)
{
    attribute(writer, "mcp.method.name", operation.method);
    if (operation.method == TOOLS_CALL)
    {
        attribute(writer, "gen_ai.tool.name", operation.name);
        attribute(writer, "gen_ai.operation.name", "execute_tool");
    }
    else if (operation.method == PROMPTS_GET)
        attribute(writer, "gen_ai.prompt.name", operation.name);
    else if (operation.method.starts_with(RESOURCES))
        attribute(writer, "mcp.resource.uri", operation.name);
}

void begin(base::JsonWriter& writer, const Operation& operation, std::string_view id, std::string_view parent)
{
    writer.beginObject().member("traceId", operation.traceId).member("spanId", id);
    if (!parent.empty())
        writer.member("parentSpanId", parent);
    if (!operation.traceState.empty())
        writer.member("traceState", operation.traceState);
    writer.member("flags", 1); // sampled
}

void times(base::JsonWriter& writer, std::int64_t fromUs, std::int64_t toUs)
{
    writer.member("startTimeUnixNano", std::to_string(fromUs * NS_PER_US))
        .member("endTimeUnixNano", std::to_string(std::max(fromUs, toUs) * NS_PER_US));
}

/// Shape: `failed` is whether there is an `error.type`.
void end(base::JsonWriter& writer, bool failed)
{
    writer.endArray();
    if (failed)
        writer.key("status").beginObject().member("code", STATUS_ERROR).endObject();
    writer.endObject();
}

void writeRequest(base::JsonWriter& writer, const Operation& operation)
{
    const std::int64_t began = operation.began.epochMicroseconds();
    const std::string error = errorType(operation);
    begin(writer, operation, operation.spanId, operation.parentSpanId);
    writer.member("name", nameOf(operation)).member("kind", static_cast<int>(Kind::SERVER));
    times(writer, began, began + operation.durationUs);
    writer.key("attributes").beginArray();
    target(writer, operation);
    attribute(writer, "error.type", error);
    if (operation.outcome == Operation::Outcome::ERROR)
        attribute(writer, "rpc.response.status_code", error);
    attribute(writer, "jsonrpc.request.id", unquoted(operation.requestId));
    attribute(writer, "mcp.protocol.version", operation.protocolVersion);
    attribute(writer, "mcp.session.id", operation.sessionId);
    attribute(writer, "client.address", operation.clientAddress);
    if (operation.transport == mcp::Transport::STDIO)
        attribute(writer, "network.transport", "pipe");
    else
    {
        attribute(writer, "network.transport", "tcp");
        attribute(writer, "network.protocol.name",
                  operation.transport == mcp::Transport::WEBSOCKET ? "websocket" : "http");
    }
    end(writer, !error.empty());
}

void writePlugin(base::JsonWriter& writer, const Operation& operation)
{
    // It ended a moment before the answer did; when exactly nobody noted.
    const std::int64_t ended = operation.began.epochMicroseconds() + operation.durationUs;
    const std::string error = errorType(operation);
    begin(writer, operation, operation.pluginSpanId, operation.spanId);
    writer.member("name", nameOf(operation))
        .member("kind", static_cast<int>(operation.pluginOutside ? Kind::CLIENT : Kind::INTERNAL));
    times(writer, ended - std::min(operation.pluginUs, operation.durationUs), ended);
    writer.key("attributes").beginArray();
    target(writer, operation);
    attribute(writer, "error.type", error);
    attribute(writer, "tenon.plugin.name", operation.plugin);
    flagAttribute(writer, "tenon.plugin.isolated", operation.pluginOutside);
    end(writer, !error.empty());
}

} // namespace

std::string spansJson(std::span<const Operation> operations, const TelemetrySource& source)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().key("resourceSpans").beginArray().beginObject();
    writer.key("resource").beginObject().key("attributes").beginArray();
    attribute(writer, "service.name", source.name);
    attribute(writer, "service.version", source.version);
    attribute(writer, "service.instance.id", source.instance);
    attribute(writer, "telemetry.sdk.name", "tenon");
    attribute(writer, "telemetry.sdk.language", "cpp");
    attribute(writer, "telemetry.sdk.version", source.version);
    writer.endArray().endObject();
    writer.key("scopeSpans").beginArray().beginObject();
    writer.key("scope").beginObject().member("name", "tenon").member("version", source.version).endObject();
    writer.key("spans").beginArray();
    for (const Operation& operation : operations)
    {
        writeRequest(writer, operation);
        if (!operation.plugin.empty())
            writePlugin(writer, operation);
    }
    writer.endArray().endObject().endArray().endObject().endArray().endObject();
    return text;
}

} // namespace tenon::ops

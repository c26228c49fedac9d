#include "mcp/revisions/LegacyRequest.h"

#include "base/json/JsonWriter.h"
#include "base/text/RandomId.h"
#include "jsonrpc/Envelope.h"
#include "mcp/revisions/Definitions.h"
#include "mcp/revisions/TaskShape.h"

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using base::JsonWriter;
using Element = JsonDocument::Element;

namespace
{

/// A form's field as 2025-06-18 has it: titled choices are `enum` and `enumNames`, only booleans have a default.
void appendField(JsonWriter& writer, const Element& field)
{
    writer.beginObject();
    const bool isBoolean = base::textMember(field, "type") == "boolean";
    for (const auto& [name, value] : simdjson::dom::object(field))
    {
        if (name == "oneOf" && value.is_array())
        {
            for (const auto& [listName, memberName] : {std::pair("enum", "const"), std::pair("enumNames", "title")})
            {
                writer.key(listName).beginArray();
                for (const auto option : simdjson::dom::array(value))
                    writer.value(base::textMember(option, memberName));
                writer.endArray();
            }
        }
        else if (name != "default" || isBoolean)
            writer.member(name, value);
    }
    writer.endObject();
}

void appendForm(JsonWriter& writer, const Element& schema)
{
    writer.beginObject();
    for (const auto& [name, value] : simdjson::dom::object(schema))
    {
        writer.key(name);
        if (name != "properties" || !value.is_object())
        {
            writer.value(value);
            continue;
        }
        writer.beginObject();
        for (const auto& [field, definition] : simdjson::dom::object(value))
        {
            writer.key(field);
            if (definition.is_object())
                appendField(writer, definition);
            else
                writer.value(definition);
        }
        writer.endObject();
    }
    writer.endObject();
}

/// Before 2025-11-25 a message to sample has one block of content: a message with more becomes several.
void appendMessage(JsonWriter& writer, ProtocolVersion version, const Element& message)
{
    Element content;
    if (!findMember(message, "content", content))
    {
        writer.value(message);
        return;
    }
    const auto appendOne = [&](const Element& block)
    {
        writer.beginObject().member("role", base::textMember(message, "role"));
        std::string text;
        appendContentFor(text, version, block);
        writer.rawMember("content", text).endObject();
    };
    if (content.is_array())
        for (const auto block : simdjson::dom::array(content))
            appendOne(block);
    else
        appendOne(content);
}

void appendParam(JsonWriter& writer, ProtocolVersion version, std::string_view method, std::string_view name,
                 const Element& value)
{
    writer.key(name);
    if (version < ProtocolVersion::V2025_11_25 && method == "elicitation/create" && name == "requestedSchema" &&
        value.is_object())
        appendForm(writer, value);
    else if (version < ProtocolVersion::V2025_11_25 && method == "sampling/createMessage" && name == "messages" &&
             value.is_array())
    {
        writer.beginArray();
        for (const auto message : simdjson::dom::array(value))
            appendMessage(writer, version, message);
        writer.endArray();
    }
    else
        writer.value(value);
}

} // namespace

std::string legacyRequest(ProtocolVersion version, std::string_view requestId, std::string_view request,
                          std::string_view taskId)
{
    const auto document = JsonDocument::parse(request);
    const auto method = base::textMember(document->root(), "method");
    Element params, known;
    const bool hasParams = findMember(document->root(), "params", params) && params.is_object();
    if (!hasParams && taskId.empty())
        return jsonrpc::request(requestId, method);
    std::string text;
    JsonWriter writer(text);
    writer.beginObject();
    if (hasParams)
    {
        const bool elicits = method == "elicitation/create";
        for (const auto& [name, value] : simdjson::dom::object(params))
        {
            const bool left = (elicits && name == "mode" && version < ProtocolVersion::V2025_11_25) ||
                              (name == "_meta" && !taskId.empty());
            if (!left)
                appendParam(writer, version, method, name, value);
        }
        // 2025-11-25 names what goes on outside of the protocol; later revisions do not.
        if (elicits && base::textMember(params, "mode") == "url" && !findMember(params, "elicitationId", known))
            writer.member("elicitationId", base::randomId());
    }
    if (!taskId.empty())
    {
        writer.key("_meta").beginObject();
        if (hasParams && findMember(params, "_meta", known) && known.is_object())
            for (const auto& [name, value] : simdjson::dom::object(known))
                writer.member(name, value);
        writer.key(RELATED_TASK).beginObject().member("taskId", taskId).endObject().endObject();
    }
    writer.endObject();
    return jsonrpc::request(requestId, method, text);
}

bool formIsTooNew(ProtocolVersion version, const Element& params)
{
    Element schema, properties;
    if (version >= ProtocolVersion::V2025_11_25 || !findMember(params, "requestedSchema", schema) ||
        !findMember(schema, "properties", properties) || !properties.is_object())
        return false;
    for (const auto& [name, field] : simdjson::dom::object(properties))
        if (base::textMember(field, "type") == "array")
            return true;
    return false;
}

} // namespace tenon::mcp

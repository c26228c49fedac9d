#include "mcp/revisions/Definitions.h"

#include "base/json/JsonWriter.h"

#include <span>

namespace tenon::mcp
{

using base::JsonDocument;
using base::JsonWriter;

namespace
{

/// A member that came with a revision, or went with one.
struct MemberRule
{
    std::string_view name;
    ProtocolVersion first;
    ProtocolVersion last = NEWEST;
};

using enum ProtocolVersion;

constexpr MemberRule TOOL_RULES[] = {{"annotations", V2025_03_26},  {"title", V2025_06_18},
                                     {"outputSchema", V2025_06_18}, {"_meta", V2025_06_18},
                                     {"icons", V2025_11_25},        {"execution", V2025_11_25, V2025_11_25}};
constexpr MemberRule TITLED_RULES[] = {{"title", V2025_06_18}, {"_meta", V2025_06_18}, {"icons", V2025_11_25}};
constexpr MemberRule IMPLEMENTATION_RULES[] = {
    {"title", V2025_06_18}, {"description", V2025_11_25}, {"icons", V2025_11_25}, {"websiteUrl", V2025_11_25}};
constexpr MemberRule CONTENTS_RULES[] = {{"_meta", V2025_06_18}};

std::span<const MemberRule> rulesOf(Shape shape)
{
    switch (shape)
    {
    case Shape::TOOL:
        return TOOL_RULES;
    case Shape::IMPLEMENTATION:
        return IMPLEMENTATION_RULES;
    case Shape::RESOURCE_CONTENTS:
        return CONTENTS_RULES;
    case Shape::RESOURCE:
    case Shape::RESOURCE_TEMPLATE:
    case Shape::PROMPT:
        return TITLED_RULES;
    }
    return {};
}

bool knows(std::span<const MemberRule> rules, ProtocolVersion version, std::string_view name)
{
    for (const auto& rule : rules)
        if (rule.name == name)
            return version >= rule.first && version <= rule.last;
    return true;
}

/// Legacy clients take `structuredContent` for an object, and miss it if a schema of something else is declared.
bool isForeignOutput(ProtocolVersion version, std::string_view name, const JsonDocument::Element& value)
{
    return name == "outputSchema" && !isModern(version) && base::textMember(value, "type") != "object";
}

/// Appends `object` with the members that `rules` leave it.
void appendKnown(JsonWriter& writer, std::span<const MemberRule> rules, ProtocolVersion version,
                 const JsonDocument::Element& object)
{
    writer.beginObject();
    for (const auto& [name, value] : simdjson::dom::object(object))
        if (knows(rules, version, name) && !isForeignOutput(version, name, value))
            writer.member(name, value);
    writer.endObject();
}

constexpr MemberRule ARGUMENT_RULES[] = {{"title", V2025_06_18}};

void appendPrompt(JsonWriter& writer, ProtocolVersion version, const JsonDocument::Element& prompt)
{
    writer.beginObject();
    for (const auto& [name, value] : simdjson::dom::object(prompt))
    {
        if (!knows(TITLED_RULES, version, name))
            continue;
        writer.key(name);
        if (name != "arguments" || !value.is_array())
        {
            writer.value(value);
            continue;
        }
        writer.beginArray();
        for (const auto argument : simdjson::dom::array(value))
            appendKnown(writer, ARGUMENT_RULES, version, argument);
        writer.endArray();
    }
    writer.endObject();
}

void appendText(JsonWriter& writer, const std::string& text)
{
    writer.beginObject().member("type", "text").member("text", text).endObject();
}

constexpr MemberRule CONTENT_RULES[] = {{"_meta", V2025_06_18}, {"icons", V2025_11_25}};

} // namespace

void appendFor(std::string& out, ProtocolVersion version, Shape shape, const JsonDocument::Element& object)
{
    JsonWriter writer(out);
    if (shape == Shape::PROMPT && version < V2025_06_18)
        appendPrompt(writer, version, object);
    else
        appendKnown(writer, rulesOf(shape), version, object);
}

bool contentIsKnown(ProtocolVersion version, const JsonDocument::Element& content)
{
    if (version >= V2025_11_25)
        return true;
    const auto type = base::textMember(content, "type");
    JsonDocument::Element member;
    if (version >= V2025_06_18)
        return type != "resource_link" || !base::findMember(content, "icons", member);
    if (type == "resource_link" || (type == "audio" && version < V2025_03_26) || type == "resource")
        return false;
    return !base::findMember(content, "_meta", member);
}

void appendContentFor(std::string& out, ProtocolVersion version, const JsonDocument::Element& content)
{
    JsonWriter writer(out);
    if (contentIsKnown(version, content))
    {
        writer.value(content);
        return;
    }
    const auto type = base::textMember(content, "type");
    if (type == "audio")
        appendText(writer, "[audio, " + std::string(base::textMember(content, "mimeType")) +
                               ": this client's protocol revision cannot carry it]");
    else if (type == "resource_link" && version < V2025_06_18)
    {
        std::string text = "[resource] " + std::string(base::textMember(content, "name")) + ": " +
                           std::string(base::textMember(content, "uri"));
        if (const auto description = base::textMember(content, "description"); !description.empty())
            text += " (" + std::string(description) + ")";
        appendText(writer, text);
    }
    else if (type == "resource")
    {
        writer.beginObject();
        for (const auto& [name, value] : simdjson::dom::object(content))
        {
            if (!knows(CONTENT_RULES, version, name))
                continue;
            writer.key(name);
            if (name == "resource" && value.is_object())
                appendKnown(writer, CONTENTS_RULES, version, value);
            else
                writer.value(value);
        }
        writer.endObject();
    }
    else
        appendKnown(writer, CONTENT_RULES, version, content);
}

} // namespace tenon::mcp

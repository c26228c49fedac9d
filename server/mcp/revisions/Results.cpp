#include "mcp/revisions/Results.h"

#include "base/json/JsonWriter.h"
#include "mcp/revisions/Definitions.h"

#include <Poco/Exception.h>

namespace tenon::mcp
{

using base::JsonDocument;
using base::JsonWriter;

namespace
{

std::string_view requiredArray(ResultKind kind)
{
    switch (kind)
    {
    case ResultKind::CALL_TOOL:
        return "content";
    case ResultKind::READ_RESOURCE:
        return "contents";
    case ResultKind::GET_PROMPT:
        return "messages";
    case ResultKind::READ_DIRECTORY:
        return "resources";
    case ResultKind::COMPLETE:
        return {};
    }
    return {};
}

/// What a look over the top level of a result tells.
struct Survey
{
    bool hasMeta = false, hasResultType = false, hasTtl = false, hasScope = false;
    bool allKnown = true; ///< the client's revision knows all of it
};

bool memberIsKnown(ResultKind kind, ProtocolVersion version, std::string_view name, const JsonDocument::Element& value)
{
    if (isModern(version))
        return true;
    if (name == "resultType" || name == "ttlMs" || name == "cacheScope")
        return false;
    if (name == "structuredContent" && kind == ResultKind::CALL_TOOL)
        return version >= ProtocolVersion::V2025_06_18 && value.is_object(); // other values are modern
    return true;
}

bool itemsAreKnown(ResultKind kind, ProtocolVersion version, const JsonDocument::Element& items)
{
    if (version >= ProtocolVersion::V2025_11_25)
        return true;
    for (const auto item : simdjson::dom::array(items))
    {
        JsonDocument::Element inner;
        if (kind == ResultKind::CALL_TOOL && !contentIsKnown(version, item))
            return false;
        if (kind == ResultKind::GET_PROMPT &&
            (!base::findMember(item, "content", inner) || !contentIsKnown(version, inner)))
            return false;
        if (kind == ResultKind::READ_RESOURCE && version < ProtocolVersion::V2025_06_18 &&
            base::findMember(item, "_meta", inner))
            return false;
    }
    return true;
}

Survey survey(ResultKind kind, ProtocolVersion version, const simdjson::dom::object& result)
{
    Survey found;
    const std::string_view array = requiredArray(kind);
    bool hasArray = array.empty();
    for (const auto& [name, value] : result)
    {
        if (name == array)
        {
            hasArray = value.is_array();
            found.allKnown = found.allKnown && hasArray && itemsAreKnown(kind, version, value);
        }
        else if (name == "_meta")
            found.hasMeta = true;
        else if (name == "resultType")
            found.hasResultType = true;
        else if (name == "ttlMs")
            found.hasTtl = true;
        else if (name == "cacheScope")
            found.hasScope = true;
        found.allKnown = found.allKnown && memberIsKnown(kind, version, name, value);
    }
    if (!hasArray)
        throw Poco::DataFormatException("the result needs the array \"" + std::string(array) + "\"");
    return found;
}

void appendItems(JsonWriter& writer, ResultKind kind, ProtocolVersion version, const JsonDocument::Element& items)
{
    std::string item;
    writer.beginArray();
    for (const auto element : simdjson::dom::array(items))
    {
        item.clear();
        if (kind == ResultKind::CALL_TOOL)
            appendContentFor(item, version, element);
        else if (kind == ResultKind::READ_RESOURCE)
            appendFor(item, version, Shape::RESOURCE_CONTENTS, element);
        else if (kind == ResultKind::GET_PROMPT)
        {
            JsonWriter message(item);
            message.beginObject();
            for (const auto& [name, value] : simdjson::dom::object(element))
            {
                message.key(name);
                if (name != "content")
                    message.value(value);
                else
                {
                    std::string content;
                    appendContentFor(content, version, value);
                    message.raw(content);
                }
            }
            message.endObject();
        }
        else
            item = base::toJson(element);
        writer.raw(item);
    }
    writer.endArray();
}

/// Whether structured content is all that a tool says, to a client that does not get it: the text of it is better than
/// nothing.
bool isStructuredOnly(ResultKind kind, ProtocolVersion version, const simdjson::dom::object& result,
                      JsonDocument::Element& structured)
{
    simdjson::dom::array content;
    return kind == ResultKind::CALL_TOOL && result["structuredContent"].get(structured) == simdjson::SUCCESS &&
           !memberIsKnown(kind, version, "structuredContent", structured) &&
           result["content"].get_array().get(content) == simdjson::SUCCESS && content.size() == 0;
}

/// Member by member, where the text cannot go out as it stands.
std::string rewrite(ResultKind kind, ProtocolVersion version, const simdjson::dom::object& result,
                    const ResultMeta& meta)
{
    std::string out;
    JsonWriter writer(out);
    writer.beginObject();
    const bool modern = isModern(version);
    if (modern)
        writer.member("resultType", "complete");
    for (const auto& [name, value] : result)
    {
        if (name == "resultType" || !memberIsKnown(kind, version, name, value))
            continue;
        if (name == "_meta" && modern && value.is_object())
        {
            writer.key(name).beginObject();
            for (const auto& [key, content] : simdjson::dom::object(value))
                if (key != SERVER_INFO)
                    writer.member(key, content);
            writer.raw(meta.serverInfo()).endObject();
            continue;
        }
        writer.key(name);
        JsonDocument::Element structured;
        if (name == "content" && isStructuredOnly(kind, version, result, structured))
            writer.beginArray()
                .beginObject()
                .member("type", "text")
                .member("text", base::toJson(structured))
                .endObject()
                .endArray();
        else if (name == requiredArray(kind))
            appendItems(writer, kind, version, value);
        else
            writer.value(value);
    }
    return out; // the brace is the caller's
}

} // namespace

ResultMeta::ResultMeta(std::string_view implementation)
{
    _serverInfo = '"' + std::string(SERVER_INFO) + "\":" + std::string(implementation);
    _complete = "\"resultType\":\"complete\",\"_meta\":{" + _serverInfo + "}";
    _opening = '{' + _complete + ',';
}

ShapedResult shapeResult(ResultKind kind, ProtocolVersion version, std::string_view text,
                         const JsonDocument::Element& tree, const ResultMeta& meta, const CacheHints& hints)
{
    simdjson::dom::object result;
    if (tree.get_object().get(result))
        throw Poco::DataFormatException("the result must be a JSON object");
    const Survey found = survey(kind, version, result);
    const bool modern = isModern(version);

    const bool stands = found.allKnown && !(modern && (found.hasMeta || found.hasResultType));
    const bool wantsHints = modern && kind == ResultKind::READ_RESOURCE && !(found.hasTtl && found.hasScope);
    const bool empty = result.size() == 0;
    if (stands && !wantsHints && !empty)
        return {meta.opening(version), {}, ShapedResult::restOf(text)};

    ShapedResult shaped;
    std::string& head = shaped.rewritten;
    head = !stands ? rewrite(kind, version, result, meta) : modern ? '{' + meta.complete() : "{";
    if (!stands && modern && !found.hasMeta)
        head += ",\"_meta\":{" + meta.serverInfo() + '}';
    if (wantsHints && !found.hasTtl)
        head += ",\"ttlMs\":" + std::to_string(hints.ttlMs);
    if (wantsHints && !found.hasScope)
        head += ",\"cacheScope\":\"" + std::string(hints.scope) + '"';
    if (!stands)
        head += '}';
    else
    {
        if (head.size() > 1 && !empty)
            head += ',';
        shaped.rest = ShapedResult::restOf(text);
    }
    return shaped;
}

} // namespace tenon::mcp

#include "client/protocol/MessageText.h"

#include "base/json/JsonWriter.h"
#include "client/Revision.h"
#include "jsonrpc/Envelope.h"
#include "jsonrpc/Error.h"

#include <Poco/Exception.h>

namespace tenon::client
{

namespace
{

using base::JsonDocument;
using base::JsonWriter;

simdjson::dom::object objectOf(const base::JsonDocumentPtr& document)
{
    simdjson::dom::object members;
    if (document->root().get(members))
        throw Poco::DataFormatException("must be a JSON object");
    return members;
}

/// The members of both, those of `second` winning.
void writeMerged(JsonWriter& writer, const JsonDocument::Element* first, std::string_view second)
{
    base::JsonDocumentPtr document;
    if (!second.empty())
        document = JsonDocument::parse(second);
    simdjson::dom::object members;
    if (first && !first->get(members))
        for (const auto& [name, value] : members)
        {
            JsonDocument::Element other;
            if (!document || !base::findMember(document->root(), name, other))
                writer.member(name, value);
        }
    if (document)
        for (const auto& [name, value] : objectOf(document))
            writer.member(name, value);
}

std::string paramsText(std::string_view params, std::string_view meta)
{
    if (params.empty() && meta.empty())
        return {};
    std::string text;
    JsonWriter writer(text);
    writer.beginObject();
    base::JsonDocumentPtr document;
    JsonDocument::Element ownMeta;
    bool hasOwn = false;
    if (!params.empty())
    {
        document = JsonDocument::parse(params);
        for (const auto& [name, value] : objectOf(document))
            if (name == "_meta")
            {
                ownMeta = value;
                hasOwn = true;
            }
            else
                writer.member(name, value);
    }
    if (hasOwn || !meta.empty())
    {
        writer.key("_meta").beginObject();
        writeMerged(writer, hasOwn ? &ownMeta : nullptr, meta);
        writer.endObject();
    }
    writer.endObject();
    return text;
}

void writeInfo(JsonWriter& writer, const ClientInfo& info, std::string_view revision)
{
    writer.beginObject().member("name", info.name);
    if (!info.title.empty() && revision >= "2025-06-18")
        writer.member("title", info.title);
    writer.member("version", info.version).endObject();
}

void writeEmpty(JsonWriter& writer, std::string_view name)
{
    writer.key(name).beginObject().endObject();
}

} // namespace

std::string requestText(std::string_view id, std::string_view method, std::string_view params, std::string_view meta)
{
    const std::string all = paramsText(params, meta);
    return id.empty() ? jsonrpc::notification(method, all) : jsonrpc::request(id, method, all);
}

std::string resultText(std::string_view id, std::string_view result)
{
    std::string text;
    jsonrpc::appendResponseHead(text, id);
    return text.append(result).append(jsonrpc::RESPONSE_END);
}

std::string errorText(std::string_view id, int code, std::string_view message, std::string_view data)
{
    std::string error, text;
    JsonWriter writer(error);
    writer.beginObject().member("code", code).member("message", message);
    if (!data.empty())
        writer.rawMember("data", data);
    writer.endObject();
    jsonrpc::appendErrorResponse(text, id, error);
    return text;
}

std::string capabilitiesText(const Abilities& abilities, std::string_view revision)
{
    std::string text;
    JsonWriter writer(text);
    writer.beginObject();
    if ((abilities.forms || abilities.urls) && revision >= "2025-06-18")
    {
        writer.key("elicitation").beginObject();
        if (revision >= "2025-11-25")
        {
            if (abilities.forms)
                writeEmpty(writer, "form");
            if (abilities.urls)
                writeEmpty(writer, "url");
        }
        writer.endObject();
    }
    if (abilities.sampling)
        writeEmpty(writer, "sampling");
    if (abilities.roots)
    {
        writer.key("roots").beginObject();
        if (!isModernRevision(revision))
            writer.member("listChanged", true);
        writer.endObject();
    }
    if (abilities.tasks && isModernRevision(revision))
    {
        writer.key("extensions").beginObject();
        writeEmpty(writer, "io.modelcontextprotocol/tasks");
        writer.endObject();
    }
    writer.endObject();
    return text;
}

std::string initializeParams(const ClientInfo& info, const Abilities& abilities, std::string_view revision)
{
    std::string text;
    JsonWriter writer(text);
    writer.beginObject().member("protocolVersion", revision);
    writer.rawMember("capabilities", capabilitiesText(abilities, revision)).key("clientInfo");
    writeInfo(writer, info, revision);
    writer.endObject();
    return text;
}

std::string modernMeta(const ClientInfo& info, const Abilities& abilities, std::string_view revision)
{
    std::string text;
    JsonWriter writer(text);
    writer.beginObject().member("io.modelcontextprotocol/protocolVersion", revision);
    writer.rawMember("io.modelcontextprotocol/clientCapabilities", capabilitiesText(abilities, revision));
    writer.key("io.modelcontextprotocol/clientInfo");
    writeInfo(writer, info, revision);
    writer.endObject();
    return text;
}

} // namespace tenon::client

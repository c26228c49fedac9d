#include "net/mcp/WrappedMessage.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "jsonrpc/Error.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Exception.h>
#include <Poco/Timestamp.h>

namespace tenon::net
{

namespace
{

constexpr std::string_view PROGRESS = "notifications/progress";
constexpr std::string_view UNKNOWN_TOOL = "Unknown tool";

/// {"progress":3,"total":10,"message":"…"} of what such a notification says.
void writeProgress(base::JsonWriter& writer, const simdjson::dom::element& params)
{
    writer.key("metadata").beginObject();
    simdjson::dom::element member;
    for (const std::string_view name : {"progress", "total", "message"})
        if (base::findMember(params, name, member))
            writer.key(name).value(member);
    writer.endObject();
}

} // namespace

std::string timeOfEvent()
{
    return Poco::DateTimeFormatter::format(Poco::Timestamp(), Poco::DateTimeFormat::ISO8601_FRAC_FORMAT);
}

std::string wrapMessage(std::string_view type, std::string_view method, std::string_view message)
{
    try
    {
        const auto document = base::JsonDocument::parse(message);
        simdjson::dom::element content;
        std::string out;
        base::JsonWriter writer(out);
        writer.beginObject().member("type", type);
        const std::string_view own = base::textMember(document->root(), "method");
        if (!method.empty() || !own.empty())
            writer.member("method", method.empty() ? own : method);
        if (base::findMember(document->root(), "error", content))
            writer.member("error", content);
        else if (base::findMember(document->root(), "result", content) ||
                 base::findMember(document->root(), "params", content))
            writer.member("result", content);
        if (own == PROGRESS && base::findMember(document->root(), "params", content))
            writeProgress(writer, content);
        if (base::findMember(document->root(), "id", content))
            writer.member("id", content);
        writer.member("timestamp", timeOfEvent()).endObject();
        return out;
    }
    catch (const Poco::DataFormatException&)
    {
        return std::string(message);
    }
}

std::string methodOf(std::string_view message)
{
    try
    {
        const auto document = base::JsonDocument::parse(message);
        return std::string(base::textMember(document->root(), "method"));
    }
    catch (const Poco::DataFormatException&)
    {
        return {};
    }
}

bool isProgress(std::string_view method)
{
    return method == PROGRESS;
}

std::string asUnknownMethod(std::string response)
{
    if (response.find(UNKNOWN_TOOL) == std::string::npos)
        return response;
    const auto document = base::JsonDocument::parse(response);
    simdjson::dom::element error, id;
    if (!base::findMember(document->root(), "error", error) ||
        !base::textMember(error, "message").starts_with(UNKNOWN_TOOL) || !base::findMember(document->root(), "id", id))
        return response;
    std::string idText, out;
    base::JsonWriter(idText).value(id);
    jsonrpc::appendError(out, idText, jsonrpc::ErrorKind::METHOD_NOT_FOUND, false,
                         "Tool not found" +
                             std::string(base::textMember(error, "message").substr(UNKNOWN_TOOL.size())));
    return out;
}

} // namespace tenon::net

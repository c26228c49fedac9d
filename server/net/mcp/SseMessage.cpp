#include "net/mcp/SseMessage.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"

#include <Poco/Exception.h>

#include <atomic>
#include <cstdint>

namespace tenon::net
{

std::string_view queryValue(std::string_view query, std::string_view name)
{
    while (!query.empty())
    {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
            return pair.substr(name.size() + 1);
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    }
    return {};
}

bool SseMessage::read(const Request& request, const SseProfile& profile, std::string& fault)
{
    if (profile.idPlace == SseProfile::IdPlace::QUERY)
        id = queryValue(request.head.query, profile.idName);
    else if (profile.idPlace == SseProfile::IdPlace::PATH)
        id = request.rest;
    if (profile.idPlace == SseProfile::IdPlace::BODY || profile.envelope != SseProfile::Envelope::NONE)
        readBody(request, profile, fault);
    else if (id.empty())
        fault = "the session's id is missing";
    return fault.empty();
}

void SseMessage::readBody(const Request& request, const SseProfile& profile, std::string& fault)
{
    base::JsonDocumentPtr document;
    try
    {
        document = base::JsonDocument::parse(request.body, base::JsonDocument::Padding::PRESENT);
    }
    catch (const Poco::DataFormatException& exc)
    {
        fault = "Parse error: " + exc.message();
        return;
    }
    id = base::textMember(document->root(), profile.idName);
    if (id.empty())
        fault = "the member " + std::string(profile.idName) + " is missing";
    auto content = document->root();
    if (profile.envelope == SseProfile::Envelope::WRAPPED && !base::findMember(document->root(), "message", content))
        fault = "the member message is missing";
    simdjson::dom::object members;
    if (fault.empty() && content.get(members) != simdjson::SUCCESS)
        fault = "the message is not an object";
    if (!fault.empty())
        return;

    method = base::textMember(content, "method");
    simdjson::dom::element member;
    if (method == "tools/call" && base::findMember(content, "params", member))
        tool = base::textMember(member, "name");
    // What belongs to the profile is left out, what JSON-RPC demands is added.
    static std::atomic<std::uint64_t> nextId{1};
    base::JsonWriter writer(body);
    writer.beginObject();
    if (!base::findMember(content, "jsonrpc", member))
        writer.member("jsonrpc", "2.0");
    if (profile.envelope == SseProfile::Envelope::WRAPPED && !base::findMember(content, "id", member) &&
        !method.starts_with("notifications/"))
        writer.member("id", nextId.fetch_add(1));
    for (const auto& [name, value] : members)
        if (name != profile.idName)
            writer.key(name).value(value);
    writer.endObject();
}

} // namespace tenon::net

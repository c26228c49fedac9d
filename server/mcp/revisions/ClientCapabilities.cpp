#include "mcp/revisions/ClientCapabilities.h"

#include "base/json/JsonMembers.h"

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;

ClientCapabilities ClientCapabilities::read(const JsonDocument::Element& object, ProtocolVersion version)
{
    ClientCapabilities client;
    JsonDocument::Element member, detail;
    simdjson::dom::object members;
    if (object.get_object().get(members) || members.begin() == members.end())
        return client; // as most say
    const base::JsonMembers capabilities(object);
    if (version >= ProtocolVersion::V2025_06_18 && capabilities.find("elicitation", member) && member.is_object())
    {
        client.elicitationUrl = version >= ProtocolVersion::V2025_11_25 && findMember(member, "url", detail);
        // An empty object is what revisions without modes send: it stands for forms.
        client.elicitation = findMember(member, "form", detail) || !client.elicitationUrl;
    }
    if (capabilities.find("sampling", member) && member.is_object())
    {
        client.sampling = true;
        client.samplingTools = version >= ProtocolVersion::V2025_11_25 && findMember(member, "tools", detail);
        client.samplingContext = version < ProtocolVersion::V2025_11_25 || findMember(member, "context", detail);
    }
    client.roots = capabilities.find("roots", member) && member.is_object();
    client.tasks = capabilities.find("extensions", member) && findMember(member, TASKS_EXTENSION, detail);
    return client;
}

bool ClientCapabilities::allow(std::string_view method, const JsonDocument::Element& params,
                               std::string& required) const
{
    if (method == "elicitation/create")
    {
        const bool url = base::textMember(params, "mode") == "url";
        required = url ? R"({"elicitation":{"url":{}}})" : R"({"elicitation":{}})";
        return url ? elicitationUrl : elicitation;
    }
    if (method == "sampling/createMessage")
    {
        JsonDocument::Element tools;
        const auto context = base::textMember(params, "includeContext");
        if (!context.empty() && context != "none" && !samplingContext)
        {
            required = R"({"sampling":{"context":{}}})";
            return false;
        }
        const bool withTools = findMember(params, "tools", tools);
        required = withTools ? R"({"sampling":{"tools":{}}})" : R"({"sampling":{}})";
        return withTools ? samplingTools : sampling;
    }
    required = R"({"roots":{}})";
    return method == "roots/list" && roots;
}

} // namespace tenon::mcp

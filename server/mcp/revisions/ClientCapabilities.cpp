#include "mcp/revisions/ClientCapabilities.h"

#include "base/json/JsonSlots.h"

#include <array>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;

namespace
{

enum Name : std::size_t
{
    ELICITATION,
    SAMPLING,
    ROOTS,
    EXTENSIONS
};
constexpr std::array<std::string_view, EXTENSIONS + 1> NAMES = {"elicitation", "sampling", "roots", "extensions"};

} // namespace

ClientCapabilities ClientCapabilities::read(const JsonDocument::Element& object, ProtocolVersion version)
{
    ClientCapabilities client;
    JsonDocument::Element member, detail;
    const base::JsonSlots<NAMES> capabilities(object);
    if (version >= ProtocolVersion::V2025_06_18 && capabilities.find(ELICITATION, member) && member.is_object())
    {
        client.elicitationUrl = version >= ProtocolVersion::V2025_11_25 && findMember(member, "url", detail);
        // An empty object is what revisions without modes send: it stands for forms.
        client.elicitation = findMember(member, "form", detail) || !client.elicitationUrl;
    }
    if (capabilities.find(SAMPLING, member) && member.is_object())
    {
        client.sampling = true;
        client.samplingTools = version >= ProtocolVersion::V2025_11_25 && findMember(member, "tools", detail);
        client.samplingContext = version < ProtocolVersion::V2025_11_25 || findMember(member, "context", detail);
    }
    client.roots = capabilities.find(ROOTS, member) && member.is_object();
    client.tasks = capabilities.find(EXTENSIONS, member) && findMember(member, TASKS_EXTENSION, detail);
    return client;
}

bool ClientCapabilities::has(tenon_client_feature feature) const
{
    switch (feature)
    {
    case TENON_CLIENT_ELICITATION:
        return elicitation;
    case TENON_CLIENT_ELICITATION_URL:
        return elicitationUrl;
    case TENON_CLIENT_SAMPLING:
        return sampling;
    case TENON_CLIENT_SAMPLING_TOOLS:
        return samplingTools;
    case TENON_CLIENT_ROOTS:
        return roots;
    default:
        return false;
    }
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

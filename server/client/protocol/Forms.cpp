#include "client/protocol/Forms.h"

#include "base/json/JsonWriter.h"

#include <Poco/Exception.h>

namespace tenon::client
{

std::string withDefaults(const base::JsonDocument::Element& requestedSchema, std::string_view given)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    base::JsonDocumentPtr document;
    simdjson::dom::object members;
    if (!given.empty())
    {
        document = base::JsonDocument::parse(given);
        if (document->root().get(members))
            throw Poco::DataFormatException("the content of a form must be a JSON object");
        for (const auto& [name, value] : members)
            writer.member(name, value);
    }
    base::JsonDocument::Element properties, other;
    if (base::findMember(requestedSchema, "properties", properties) && !properties.get(members))
        for (const auto& [name, schema] : members)
            if (base::findMember(schema, "default", other))
            {
                base::JsonDocument::Element there;
                if (!document || !base::findMember(document->root(), name, there))
                    writer.member(name, other);
            }
    writer.endObject();
    return text;
}

std::string acceptedForm(std::string_view content)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject().member("action", "accept");
    if (!content.empty())
        writer.rawMember("content", content);
    writer.endObject();
    return text;
}

} // namespace tenon::client

#include "SampleArguments.h"

#include "base/json/JsonWriter.h"

namespace
{

using tenon::base::JsonDocument;
using tenon::base::JsonWriter;

void writeSample(JsonWriter& writer, const JsonDocument::Element& schema)
{
    JsonDocument::Element member;
    simdjson::dom::array values;
    if (tenon::base::findMember(schema, "default", member) || tenon::base::findMember(schema, "const", member))
        writer.value(member);
    else if (tenon::base::findMember(schema, "enum", member) && !member.get(values) && values.size() > 0)
        writer.value(values.at(0).value_unsafe());
    else if (const auto type = tenon::base::textMember(schema, "type"); type == "integer" || type == "number")
        writer.value(5);
    else if (type == "boolean")
        writer.value(true);
    else if (type == "array")
        writer.beginArray().endArray();
    else if (type == "object")
        writer.beginObject().endObject();
    else
        writer.value("test");
}

} // namespace

std::string sampleArguments(const JsonDocument::Element& inputSchema)
{
    std::string text;
    JsonWriter writer(text);
    writer.beginObject();
    JsonDocument::Element required, properties, property;
    simdjson::dom::array names;
    std::string_view name;
    if (tenon::base::findMember(inputSchema, "required", required) && !required.get(names) &&
        tenon::base::findMember(inputSchema, "properties", properties))
        for (const auto& one : names)
            if (!one.get(name) && tenon::base::findMember(properties, name, property))
            {
                writer.key(name);
                writeSample(writer, property);
            }
    writer.endObject();
    return text;
}

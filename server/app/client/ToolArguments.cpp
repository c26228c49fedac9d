#include "app/client/ToolArguments.h"

#include "base/json/JsonWriter.h"
#include "schema/Schema.h"

#include <Poco/Exception.h>
#include <Poco/FileStream.h>
#include <Poco/NumberParser.h>
#include <Poco/StreamCopier.h>
#include <Poco/Util/OptionException.h>

#include <algorithm>
#include <map>

namespace tenon::app
{

namespace
{

using base::findMember;
using base::JsonDocument;
using base::textMember;

bool isJson(const std::string& text)
{
    try
    {
        (void)JsonDocument::parse(text);
        return true;
    }
    catch (const Poco::Exception&)
    {
        return false;
    }
}

std::string jsonText(const std::string& text)
{
    std::string json;
    base::JsonWriter::appendString(json, text);
    return json;
}

/// The types that a parameter may have, of its own and of its alternatives.
std::vector<std::string> typesOf(const JsonDocument::Element& schema)
{
    std::vector<std::string> types;
    JsonDocument::Element type;
    simdjson::dom::array list;
    std::string_view one;
    if (findMember(schema, "type", type))
    {
        if (!type.get(one))
            types.emplace_back(one);
        else if (!type.get(list))
            for (const auto& item : list)
                if (!item.get(one))
                    types.emplace_back(one);
    }
    for (const char* keyword : {"anyOf", "oneOf"})
        if (JsonDocument::Element alternatives; findMember(schema, keyword, alternatives) && !alternatives.get(list))
            for (const auto& item : list)
                for (std::string& more : typesOf(item))
                    types.push_back(std::move(more));
    return types;
}

bool has(const std::vector<std::string>& types, const char* type)
{
    return std::find(types.begin(), types.end(), type) != types.end();
}

[[noreturn]] void refuse(const std::string& name, const std::string& value, const std::string& takes)
{
    throw Poco::Util::InvalidArgumentException(name + " takes " + takes + ", not \"" + value.substr(0, 80) + '"');
}

std::string listed(const std::vector<std::string>& texts, const char* between)
{
    std::string all;
    for (const std::string& text : texts)
        all += (all.empty() ? "" : between) + text;
    return all;
}

/// Texts between commas, as a list of the item's type.
std::string listOf(const std::string& name, const std::string& value, const JsonDocument::Element& schema);

std::string converted(const std::string& name, const std::string& value, const JsonDocument::Element& schema)
{
    const std::vector<std::string> types = typesOf(schema);
    JsonDocument::Element values;
    if (types.empty() && findMember(schema, "enum", values))
        return jsonText(value);
    if (types.empty() || has(types, "string"))
    {
        // Text is what was typed, unless another type fits that text cannot be meant by.
        if (types.size() > 1 || types.empty())
            if (value == "null" || value == "true" || value == "false" || (types.empty() && isJson(value)))
                return value;
        return jsonText(value);
    }
    if (has(types, "null") && (value == "null" || value.empty()))
        return "null";
    if (has(types, "boolean"))
    {
        if (value == "true" || value == "yes" || value == "on" || value == "1")
            return "true";
        if (value == "false" || value == "no" || value == "off" || value == "0")
            return "false";
        if (types.size() == 1)
            refuse(name, value, "true or false");
    }
    if (has(types, "array") && !value.starts_with('['))
        return listOf(name, value, schema);
    if (!isJson(value))
        refuse(name, value,
               has(types, "integer")  ? "a whole number"
               : has(types, "number") ? "a number"
                                      : "JSON (" + listed(types, " or ") + ")");
    if (has(types, "integer") && !has(types, "number") && types.size() == 1)
        if (Poco::Int64 number = 0; !Poco::NumberParser::tryParse64(value, number))
            refuse(name, value, "a whole number");
    return value;
}

std::string listOf(const std::string& name, const std::string& value, const JsonDocument::Element& schema)
{
    JsonDocument::Element items;
    const bool typed = findMember(schema, "items", items);
    std::string json = "[";
    std::size_t at = 0;
    while (at <= value.size() && !value.empty())
    {
        const auto comma = std::min(value.find(',', at), value.size());
        const std::string one = value.substr(at, comma - at);
        json += (at == 0 ? "" : ",") + (typed ? converted(name, one, items) : isJson(one) ? one : jsonText(one));
        at = comma + 1;
    }
    return json + ']';
}

std::string contentsOf(const std::string& file)
{
    Poco::FileInputStream in(file);
    std::string text;
    Poco::StreamCopier::copyToString(in, text);
    return text;
}

struct Typed
{
    std::string name, value;
    bool json = false;
};

Typed split(const std::string& word)
{
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos)
        throw Poco::Util::InvalidArgumentException("\"" + word + "\" is not name=value");
    const bool json = word[equals - 1] == ':';
    Typed typed{word.substr(0, equals - (json ? 1 : 0)), word.substr(equals + 1), json};
    if (typed.value.starts_with('@') && typed.value.size() > 1)
        typed.value = contentsOf(typed.value.substr(1));
    if (json && !isJson(typed.value))
        refuse(typed.name, typed.value, "JSON after \":=\"");
    return typed;
}

} // namespace

std::string toolArguments(const std::vector<std::string>& typed, const JsonDocument::Element* schema)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    JsonDocument::Element properties, property;
    const bool known = schema && findMember(*schema, "properties", properties);
    for (const std::string& word : typed)
    {
        const Typed one = split(word);
        writer.key(one.name);
        if (one.json)
            writer.raw(one.value);
        else if (known && findMember(properties, one.name, property))
            writer.raw(converted(one.name, one.value, property));
        else if (known)
        {
            bool open = true;
            JsonDocument::Element additional;
            if (findMember(*schema, "additionalProperties", additional) && !additional.get(open) && !open)
                throw Poco::Util::InvalidArgumentException("the tool has no parameter " + one.name + "; it has " +
                                                           signatureOf(*schema));
            writer.raw(isJson(one.value) ? one.value : jsonText(one.value));
        }
        else
            writer.raw(isJson(one.value) ? one.value : jsonText(one.value));
    }
    writer.endObject();
    return text;
}

void checkArguments(const std::string& arguments, const JsonDocument::Element& schema)
{
    JsonDocument::Element required, there;
    simdjson::dom::array names;
    std::string_view name;
    const auto document = JsonDocument::parse(arguments);
    if (findMember(schema, "required", required) && !required.get(names))
        for (const auto& one : names)
            if (!one.get(name) && !findMember(document->root(), name, there))
                throw Poco::Util::MissingArgumentException("the tool needs " + std::string(name) + "; it takes " +
                                                           signatureOf(schema));
    schema::Schema::Ptr compiled;
    try
    {
        compiled = schema::Schema::compile(base::toJson(schema));
    }
    catch (const Poco::Exception&)
    {
        return; // a schema we cannot use is the server's to check
    }
    schema::Violation violation;
    if (!compiled->validate(document->root(), &violation))
    {
        std::string said = violation.message;
        if (said.starts_with('/'))
            said.erase(0, 1); // the pointer's; a parameter is called by its name
        throw Poco::Util::InvalidArgumentException(said);
    }
}

std::string promptArguments(const std::vector<std::string>& typed)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    for (const std::string& word : typed)
    {
        const Typed one = split(word);
        writer.member(one.name, one.value);
    }
    writer.endObject();
    return text;
}

std::vector<std::string> parameterNames(const JsonDocument::Element& schema)
{
    std::vector<std::string> names;
    JsonDocument::Element properties;
    simdjson::dom::object members;
    if (findMember(schema, "properties", properties) && !properties.get(members))
        for (const auto& [name, property] : members)
            names.emplace_back(name);
    return names;
}

std::vector<std::string> choicesOf(const JsonDocument::Element& property)
{
    std::vector<std::string> texts;
    JsonDocument::Element member, value;
    simdjson::dom::array list;
    const auto add = [&](const JsonDocument::Element& one)
    {
        std::string_view text;
        texts.push_back(one.get(text) ? base::toJson(one) : std::string(text));
    };
    if (findMember(property, "enum", member) && !member.get(list))
        for (const auto& one : list)
            add(one);
    for (const char* keyword : {"oneOf", "anyOf"})
        if (findMember(property, keyword, member) && !member.get(list))
            for (const auto& one : list)
                if (findMember(one, "const", value))
                    add(value);
    if (texts.empty() && findMember(property, "items", member))
        return choicesOf(member);
    return texts;
}

std::vector<std::string> parameterValues(const JsonDocument::Element& schema, const std::string& name)
{
    JsonDocument::Element properties, property;
    if (!findMember(schema, "properties", properties) || !findMember(properties, name, property))
        return {};
    if (textMember(property, "type") == "boolean")
        return {"true", "false"};
    return choicesOf(property);
}

std::string signatureOf(const JsonDocument::Element& schema)
{
    std::vector<std::string> required;
    JsonDocument::Element member;
    simdjson::dom::array list;
    if (findMember(schema, "required", member) && !member.get(list))
        for (const auto& one : list)
            if (std::string_view text; !one.get(text))
                required.emplace_back(text);
    std::string all;
    for (const std::string& name : parameterNames(schema))
    {
        all += (all.empty() ? "" : " ") + name;
        if (std::find(required.begin(), required.end(), name) != required.end())
            all += '*';
        if (const auto values = parameterValues(schema, name); !values.empty() && values.size() <= 6)
            all += '=' + listed(values, "|");
    }
    return all.empty() ? "no parameters" : all;
}

} // namespace tenon::app

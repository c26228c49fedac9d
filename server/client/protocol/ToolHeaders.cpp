#include "client/protocol/ToolHeaders.h"

#include "base/text/Base64.h"

#include <Poco/String.h>

#include <algorithm>

namespace tenon::client
{

namespace
{

using base::JsonDocument;

constexpr std::string_view ANNOTATION = "x-mcp-header";
constexpr std::string_view SENTINEL = "=?base64?";

bool isToken(std::string_view text)
{
    return !text.empty() &&
           std::all_of(text.begin(), text.end(),
                       [](char byte)
                       {
                           return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                                  (byte >= 'A' && byte <= 'Z') ||
                                  std::string_view("!#$%&'*+-.^_`|~").find(byte) != std::string_view::npos;
                       });
}

/// Whether `schema` has the annotation anywhere below: where no chain of properties leads, it is a fault.
bool isAnnotated(const JsonDocument::Element& schema)
{
    simdjson::dom::object members;
    if (!schema.get(members))
        return std::any_of(members.begin(), members.end(),
                           [](const auto& member) { return member.key == ANNOTATION || isAnnotated(member.value); });
    simdjson::dom::array items;
    return !schema.get(items) &&
           std::any_of(items.begin(), items.end(), [](const auto& item) { return isAnnotated(item); });
}

bool textOf(const JsonDocument::Element& value, std::string& text)
{
    std::string_view string;
    bool flag = false;
    std::int64_t integer = 0;
    double number = 0;
    if (!value.get(string))
        text = string;
    else if (!value.get(flag))
        text = flag ? "true" : "false";
    else if (!value.get(integer))
        text = std::to_string(integer);
    else if (!value.get(number))
        text = base::toJson(value);
    else
        return false;
    return true;
}

} // namespace

std::string headerValue(std::string_view value)
{
    const bool edge = !value.empty() && (value.front() == ' ' || value.back() == ' ');
    const bool marked = value.starts_with(SENTINEL) && value.ends_with("?=");
    const bool plain = std::all_of(value.begin(), value.end(), [](char byte) { return byte >= 0x20 && byte <= 0x7e; });
    if (plain && !edge && !marked)
        return std::string(value);
    return std::string(SENTINEL) + base::toBase64(value) + "?=";
}

bool ToolHeaders::read(const JsonDocument::Element& inputSchema, std::string& fault)
{
    _mirrored.clear();
    std::vector<std::string> path;
    return readProperties(inputSchema, path, fault);
}

bool ToolHeaders::readProperties(const JsonDocument::Element& schema, std::vector<std::string>& path,
                                 std::string& fault)
{
    simdjson::dom::object members;
    if (schema.get(members))
        return true;
    for (const auto& [keyword, value] : members)
    {
        if (keyword == ANNOTATION)
            continue; // its owner looks at it
        if (keyword != "properties")
        {
            if (!isAnnotated(value))
                continue;
            fault = "x-mcp-header below \"" + std::string(keyword) + '"';
            return false;
        }
        simdjson::dom::object properties;
        if (value.get(properties))
            continue;
        for (const auto& [name, property] : properties)
            if (!readProperty(name, property, path, fault))
                return false;
    }
    return true;
}

bool ToolHeaders::readProperty(std::string_view name, const JsonDocument::Element& schema,
                               std::vector<std::string>& path, std::string& fault)
{
    path.emplace_back(name);
    JsonDocument::Element annotation;
    if (base::findMember(schema, ANNOTATION, annotation))
    {
        std::string_view header;
        if (annotation.get(header))
        {
            fault = "x-mcp-header of \"" + std::string(name) + "\" is not a string";
            return false;
        }
        if (!add(schema, header, path, fault))
            return false;
    }
    const bool fine = readProperties(schema, path, fault);
    path.pop_back();
    return fine;
}

bool ToolHeaders::add(const JsonDocument::Element& schema, std::string_view header,
                      const std::vector<std::string>& path, std::string& fault)
{
    const std::string what = "x-mcp-header \"" + std::string(header) + "\" of \"" + path.back() + '"';
    const std::string_view type = base::textMember(schema, "type");
    if (!isToken(header))
        fault = what + " is not a header name";
    else if (type != "string" && type != "integer" && type != "boolean")
        fault = what + " is set on a parameter that is not a string, integer or boolean";
    else if (std::any_of(_mirrored.begin(), _mirrored.end(),
                         [&](const Mirrored& other)
                         { return Poco::icompare(other.header, "Mcp-Param-" + std::string(header)) == 0; }))
        fault = what + " is there twice";
    else
    {
        _mirrored.push_back({path, "Mcp-Param-" + std::string(header)});
        return true;
    }
    return false;
}

std::vector<std::pair<std::string, std::string>> ToolHeaders::headersFor(std::string_view arguments) const
{
    std::vector<std::pair<std::string, std::string>> headers;
    if (_mirrored.empty() || arguments.empty())
        return headers;
    const auto document = JsonDocument::parse(arguments);
    for (const Mirrored& one : _mirrored)
    {
        JsonDocument::Element value = document->root();
        bool there = true;
        for (const std::string& step : one.path)
        {
            JsonDocument::Element next;
            there = there && base::findMember(value, step, next);
            if (there)
                value = next;
        }
        std::string text;
        if (there && textOf(value, text))
            headers.emplace_back(one.header, headerValue(text));
    }
    return headers;
}

} // namespace tenon::client

#include "plugin/tools/ArgumentGenerator.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <vector>

namespace tenon::plugin
{

namespace
{

using simdjson::dom::element;

constexpr int MAX_DEPTH = 6;
constexpr std::size_t LONG_TEXT_BYTES = 100'000;
constexpr std::size_t DEPTH = 100;
constexpr std::array<std::string_view, 8> TEXTS = {"",
                                                   "a",
                                                   "text",
                                                   "two words",
                                                   "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
                                                   "../../etc/passwd",
                                                   "\"quoted\"\n\ttext",
                                                   "%s%n%x{}"};
constexpr std::array<std::int64_t, 8> INTEGERS = {0,
                                                  1,
                                                  -1,
                                                  42,
                                                  1000000,
                                                  std::numeric_limits<std::int32_t>::max(),
                                                  std::numeric_limits<std::int64_t>::max(),
                                                  std::numeric_limits<std::int64_t>::min()};

std::int64_t bound(const element& schema, const char* name, std::int64_t otherwise)
{
    element member;
    std::int64_t value = otherwise;
    double real = 0;
    if (base::findMember(schema, name, member) && member.get_int64().get(value) && !member.get_double().get(real))
        value = static_cast<std::int64_t>(real);
    return value;
}

} // namespace

std::string ArgumentGenerator::make(const element& schema)
{
    std::string out;
    value(out, schema, 0);
    return out;
}

void ArgumentGenerator::value(std::string& out, const element& schema, int depth)
{
    element member;
    simdjson::dom::array choices;
    if (base::findMember(schema, "const", member))
    {
        out += base::toJson(member);
        return;
    }
    for (const char* keyword : {"enum", "examples"})
        if (base::findMember(schema, keyword, member) && !member.get_array().get(choices) && choices.size() > 0 &&
            (keyword[1] == 'n' || below(2) == 0))
        {
            out += base::toJson(choices.at(below(choices.size())));
            return;
        }
    for (const char* keyword : {"anyOf", "oneOf"})
        if (base::findMember(schema, keyword, member) && !member.get_array().get(choices) && choices.size() > 0 &&
            depth < MAX_DEPTH)
            return value(out, choices.at(below(choices.size())), depth + 1);

    std::string_view type = base::textMember(schema, "type");
    if (base::findMember(schema, "type", member) && !member.get_array().get(choices) && choices.size() > 0)
        type = choices.at(below(choices.size())).get_string().value();
    if (type.empty() && base::findMember(schema, "properties", member))
        type = "object";
    if (type == "object")
        object(out, schema, depth);
    else if (type == "array")
        array(out, schema, depth);
    else if (type == "integer")
        integer(out, schema);
    else if (type == "number")
    {
        integer(out, schema);
        if (below(2) == 0 && out.size() < 20)
            out += ".5";
    }
    else if (type == "boolean")
        out += below(2) == 0 ? "true" : "false";
    else if (type == "null")
        out += "null";
    else
        text(out, schema);
}

void ArgumentGenerator::object(std::string& out, const element& schema, int depth)
{
    std::vector<std::string_view> required;
    element member;
    simdjson::dom::array list;
    if (base::findMember(schema, "required", member) && !member.get_array().get(list))
        for (const auto name : list)
            if (name.is_string())
                required.push_back(name.get_string().value());
    base::JsonWriter writer(out);
    writer.beginObject();
    simdjson::dom::object properties;
    if (depth < MAX_DEPTH && base::findMember(schema, "properties", member) && !member.get_object().get(properties))
        for (const auto property : properties)
        {
            const bool needed = std::find(required.begin(), required.end(), property.key) != required.end();
            if (!needed && below(2) == 0)
                continue;
            std::string text;
            value(text, property.value, depth + 1);
            writer.rawMember(property.key, text);
        }
    writer.endObject();
}

void ArgumentGenerator::array(std::string& out, const element& schema, int depth)
{
    const auto least = static_cast<std::uint64_t>(std::max<std::int64_t>(bound(schema, "minItems", 0), 0));
    const auto most = static_cast<std::uint64_t>(std::max<std::int64_t>(bound(schema, "maxItems", 4), 0));
    const std::uint64_t count =
        depth >= MAX_DEPTH ? least : std::min<std::uint64_t>(least + (most > least ? below(most - least + 1) : 0), 100);
    element items;
    const bool typed = base::findMember(schema, "items", items) && items.is_object();
    out += '[';
    for (std::uint64_t item = 0; item < count; ++item)
    {
        if (item > 0)
            out += ',';
        if (typed)
            value(out, items, depth + 1);
        else
            out += "1";
    }
    out += ']';
}

void ArgumentGenerator::text(std::string& out, const element& schema)
{
    static const std::map<std::string_view, std::string_view> OF_FORMAT = {
        {"email", "ada@example.com"}, {"uri", "https://example.com/a"},
        {"date", "2026-11-20"},       {"date-time", "2026-11-20T10:19:48Z"},
        {"time", "10:19:48Z"},        {"uuid", "6f1c0a3e-6f0b-4b57-9d5c-0a1b2c3d4e5f"},
        {"ipv4", "192.0.2.1"},        {"hostname", "example.com"}};
    const auto known = OF_FORMAT.find(base::textMember(schema, "format"));
    if (known != OF_FORMAT.end() && below(4) != 0) // and now and then what is none: few tools check
        return base::JsonWriter::appendString(out, known->second);
    std::string made(TEXTS[below(TEXTS.size())]);
    const auto least = bound(schema, "minLength", 0), most = bound(schema, "maxLength", 1 << 20);
    if (below(8) == 0 && most >= 5000)
        made.assign(5000, 'x');
    if (static_cast<std::int64_t>(made.size()) < least)
        made.append(static_cast<std::size_t>(least) - made.size(), 'x');
    if (static_cast<std::int64_t>(made.size()) > most)
        made.assign(static_cast<std::size_t>(most), 'x');
    base::JsonWriter::appendString(out, made);
}

void ArgumentGenerator::integer(std::string& out, const element& schema)
{
    const auto least = bound(schema, "minimum", std::numeric_limits<std::int64_t>::min());
    const auto most = bound(schema, "maximum", std::numeric_limits<std::int64_t>::max());
    std::int64_t made = INTEGERS[below(INTEGERS.size())];
    if (below(4) == 0)
        made = below(2) == 0 ? least : most;
    if (made < least || made > most)
    {
        // Short of the whole range, or the difference would not fit.
        const auto span = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least);
        made = static_cast<std::int64_t>(static_cast<std::uint64_t>(least) +
                                         (span == std::numeric_limits<std::uint64_t>::max() ? 0 : below(span + 1)));
    }
    out += std::to_string(made);
}

std::vector<std::string> malformedArguments(const std::string& arguments)
{
    const auto document = base::JsonDocument::parse(arguments);
    const simdjson::dom::object members = document->root().get_object().value();
    // The members with `replacement` instead of the value of `replaced`; empty: without it.
    const auto with = [&](std::string_view replaced, std::string_view replacement, std::string_view more)
    {
        std::string out = "{";
        const auto add = [&out](std::string_view key, std::string_view json)
        {
            out += out.size() > 1 ? "," : "";
            base::JsonWriter::appendString(out, key);
            out.append(":").append(json);
        };
        for (const auto member : members)
        {
            if (member.key != replaced)
                add(member.key, base::toJson(member.value));
            else if (!replacement.empty())
                add(member.key, replacement);
        }
        if (!more.empty())
            add("a member too many", more);
        return out + "}";
    };
    const std::string longText = '"' + std::string(LONG_TEXT_BYTES, 'x') + '"';
    const std::string deep = std::string(DEPTH, '[') + std::string(DEPTH, ']');
    std::vector<std::string> all;
    for (const auto member : members)
    {
        for (const std::string_view replacement : {"", "null", "true", "\"\"", "-1", "1e308", "[]", "{}", "[null]"})
            all.push_back(with(member.key, replacement, {}));
        all.push_back(with(member.key, longText, {}));
    }
    for (const std::string_view more : {std::string_view("true"), std::string_view(longText), std::string_view(deep)})
        all.push_back(with({}, {}, more));
    return all;
}

} // namespace tenon::plugin

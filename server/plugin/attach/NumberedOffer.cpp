#include "plugin/attach/NumberedOffer.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"

#include <Poco/Exception.h>

#include <functional>

namespace tenon::plugin
{

namespace
{

using simdjson::dom::element;

/// What the argument that names an instance is called: the first that the tool has not itself.
constexpr std::string_view ARGUMENT_NAMES[] = {"instance", "program_instance", "attached_instance"};

/// Names that one program may have given in all, so that it cannot make the server remember without end.
constexpr std::size_t MAX_NAMES = 50000;

/// Calls `work(item, position)` for each element; a text that is no array has none: whoever reads the offer says so.
void forEachIn(const std::string& list, const std::function<void(const element&, std::uint32_t)>& work)
{
    simdjson::dom::array items;
    base::JsonDocumentPtr document;
    try
    {
        document = base::JsonDocument::parse(list);
    }
    catch (const Poco::DataFormatException&)
    {
        return;
    }
    if (document->root().get_array().get(items))
        return;
    std::uint32_t position = 0;
    for (const auto item : items)
        work(item, position++);
}

std::uint32_t numberOf(const element& item, std::uint32_t position)
{
    element ours, index;
    std::uint64_t number = 0;
    if (base::findMember(item, "tenon", ours) && base::findMember(ours, "index", index) &&
        !index.get_uint64().get(number))
        return static_cast<std::uint32_t>(number);
    return position;
}

/// Copies the members of `object` but for `left` (null: none is left out).
void copyMembers(base::JsonWriter& out, const element& object, std::string_view left)
{
    simdjson::dom::object members;
    if (object.get_object().get(members))
        return;
    for (const auto& [key, value] : members)
        if (!left.data() || key != left)
            out.member(key, value);
}

/// What an argument of the tool that names an instance would be called; empty: it can have none.
std::string argumentNameFor(const element& tool)
{
    element schema, properties, own;
    if (!base::findMember(tool, "inputSchema", schema) || !schema.is_object())
        return {};
    const bool hasProperties = base::findMember(schema, "properties", properties);
    for (const auto name : ARGUMENT_NAMES)
        if (!hasProperties || !base::findMember(properties, name, own))
            return std::string(name);
    return {};
}

/// An inputSchema with an optional argument that names an instance.
void writeSchemaWithInstance(base::JsonWriter& out, const element& schema, std::string_view name,
                             std::string_view argument)
{
    element properties;
    const bool hasProperties = base::findMember(schema, "properties", properties);
    out.beginObject();
    copyMembers(out, schema, "properties");
    out.key("properties").beginObject();
    if (hasProperties)
        copyMembers(out, properties, {});
    out.rawMember(name, argument);
    out.endObject().endObject();
}

std::string argumentFor(const std::string& program, const std::vector<std::string>& instances)
{
    std::string json;
    base::JsonWriter out(json);
    out.beginObject().member("type", "string").key("enum").beginArray();
    for (const auto& title : instances)
        out.value(title);
    out.endArray();
    out.member("description", "Which of the programs '" + program +
                                  "' that run now; if it is left out, the one that was used last in this session");
    out.endObject();
    return json;
}

} // namespace

bool isWellFormed(const Offer& offer)
{
    const auto is = [](const std::string& text, bool (element::*kind)() const noexcept)
    {
        try
        {
            return text.empty() || (base::JsonDocument::parse(text)->root().*kind)();
        }
        catch (const Poco::DataFormatException&)
        {
            return false;
        }
    };
    return is(offer.manifest, &element::is_object) && is(offer.tools, &element::is_array) &&
           is(offer.resources, &element::is_array) && is(offer.templates, &element::is_array) &&
           is(offer.prompts, &element::is_array) && is(offer.skills, &element::is_array);
}

ProgramNumbers::ProgramNumbers(const Offer& offer)
{
    forEachIn(offer.tools,
              [this](const element& tool, std::uint32_t position)
              {
                  element ours;
                  const bool main = base::findMember(tool, "tenon", ours) && base::textMember(ours, "thread") == "main";
                  _tools[std::string(base::textMember(tool, "name"))] = {numberOf(tool, position), main};
              });
    forEachIn(offer.prompts, [this](const element& prompt, std::uint32_t position)
              { _prompts[std::string(base::textMember(prompt, "name"))] = numberOf(prompt, position); });
}

const std::uint32_t* ProgramNumbers::find(Target target, const std::string& name) const
{
    static constexpr std::uint32_t NONE_NEEDED = 0;
    if (target == Target::TOOL)
    {
        const auto found = _tools.find(name);
        return found == _tools.end() ? nullptr : &found->second.number;
    }
    if (target != Target::PROMPT)
        return &NONE_NEEDED;
    const auto found = _prompts.find(name);
    return found == _prompts.end() ? nullptr : &found->second;
}

bool ProgramNumbers::onMainThread(const std::string& tool) const
{
    const auto found = _tools.find(tool);
    return found != _tools.end() && found->second.onMainThread;
}

std::uint32_t LastingNumbers::Names::numberOf(const std::string& name)
{
    const auto [place, isNew] = numbers.emplace(name, static_cast<std::uint32_t>(names.size()));
    if (isNew)
    {
        names.push_back(name);
        arguments.emplace_back();
    }
    return place->second;
}

Offer LastingNumbers::rewrite(const Offer& offer, const std::string& program, const std::vector<std::string>& instances)
{
    Offer made = offer;
    made.tools = rewriteList(offer.tools, _tools, instances.size() > 1 ? argumentFor(program, instances) : "");
    made.prompts = rewriteList(offer.prompts, _prompts, {});
    return made;
}

std::string LastingNumbers::rewriteList(const std::string& list, Names& names, const std::string& argument)
{
    std::string json;
    base::JsonWriter out(json);
    bool any = false;
    out.beginArray();
    forEachIn(list,
              [&](const element& item, std::uint32_t)
              {
                  any = true;
                  rewriteItem(out, item, names, argument);
              });
    out.endArray();
    return any ? json : list;
}

void LastingNumbers::rewriteItem(base::JsonWriter& out, const element& item, Names& names, const std::string& argument)
{
    simdjson::dom::object members;
    const std::string name(base::textMember(item, "name"));
    if (item.get_object().get(members))
    {
        out.value(item); // whoever reads the offer says what is wrong with it
        return;
    }
    if (names.names.size() >= MAX_NAMES && !names.numbers.contains(name))
        return;
    const std::uint32_t number = names.numberOf(name);
    const std::string argumentName = names.arguments[number] = argumentNameFor(item);
    const bool rewritesSchema = !argument.empty() && !argumentName.empty();
    out.beginObject();
    for (const auto& [key, value] : members)
        if (key == "inputSchema" && rewritesSchema)
        {
            out.key("inputSchema");
            writeSchemaWithInstance(out, value, argumentName, argument);
        }
        else if (key != "tenon")
            out.member(key, value);
    element ours;
    out.key("tenon").beginObject();
    if (base::findMember(item, "tenon", ours))
        copyMembers(out, ours, "index");
    out.member("index", number);
    out.endObject().endObject();
}

std::string LastingNumbers::nameOf(Target target, std::uint32_t number) const
{
    const auto& names = target == Target::PROMPT ? _prompts.names : _tools.names;
    return number < names.size() ? names[number] : std::string();
}

std::string LastingNumbers::argumentOf(Target target, std::uint32_t number) const
{
    return target == Target::TOOL && number < _tools.arguments.size() ? _tools.arguments[number] : std::string();
}

std::string withoutMember(const element& object, std::string_view member)
{
    std::string json;
    base::JsonWriter out(json);
    out.beginObject();
    copyMembers(out, object, member);
    out.endObject();
    return json;
}

} // namespace tenon::plugin

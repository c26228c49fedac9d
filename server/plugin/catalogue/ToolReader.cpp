#include "plugin/catalogue/ToolReader.h"

#include "base/json/JsonWriter.h"
#include "plugin/catalogue/HeaderParameters.h"

#include <Poco/Ascii.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <array>

namespace tenon::plugin
{

namespace
{

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::size_t MAX_NAME = 128;

[[noreturn]] void refuse(const std::string& why)
{
    throw Poco::DataFormatException(why);
}

void checkTypes(const element& tool)
{
    const std::array<std::pair<const char*, element_type>, 8> known = {{{"title", element_type::STRING},
                                                                        {"description", element_type::STRING},
                                                                        {"inputSchema", element_type::OBJECT},
                                                                        {"annotations", element_type::OBJECT},
                                                                        {"icons", element_type::ARRAY},
                                                                        {"_meta", element_type::OBJECT},
                                                                        {"execution", element_type::OBJECT},
                                                                        {"tenon", element_type::OBJECT}}};
    element member;
    for (const auto& [name, type] : known)
        if (base::findMember(tool, name, member) && member.type() != type)
            refuse(std::string("'") + name + "' must be " +
                   (type == element_type::STRING  ? "a text"
                    : type == element_type::ARRAY ? "an array"
                                                  : "an object"));

    if (!base::findMember(tool, "annotations", member))
        return;
    for (const char* hint : {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"})
    {
        element value;
        if (base::findMember(member, hint, value) && !value.is_bool())
            refuse(std::string("the annotation '") + hint + "' must be true or false");
    }
}

void writeAnnotations(base::JsonWriter& out, const element* own, const ToolOverride& instead)
{
    out.key("annotations").beginObject();
    simdjson::dom::object members;
    if (own && !own->get_object().get(members))
        for (const auto member : members)
            if (!instead.annotations.contains(std::string(member.key)))
                out.member(member.key, member.value);
    for (const auto& [name, json] : instead.annotations)
        out.rawMember(name, json);
    out.endObject();
}

/// As it is; "properties" is added where a tool takes nothing and says no more than that: some clients need it.
void writeInputSchema(base::JsonWriter& out, const element& schema)
{
    element properties;
    if (base::textMember(schema, "type") != "object" || base::findMember(schema, "properties", properties))
    {
        out.member("inputSchema", schema);
        return;
    }
    out.key("inputSchema").beginObject();
    for (const auto& [name, value] : simdjson::dom::object(schema))
        out.member(name, value);
    out.key("properties").beginObject().endObject().endObject();
}

/// The definition as clients see it.
std::string write(const element& tool, const std::string& name, const ToolOverride& instead)
{
    std::string definition;
    base::JsonWriter out(definition);
    out.beginObject().member("name", name);
    if (instead.title)
        out.member("title", *instead.title);
    if (instead.description)
        out.member("description", *instead.description);
    element annotations;
    const bool annotated = base::findMember(tool, "annotations", annotations);
    if (annotated || !instead.annotations.empty())
        writeAnnotations(out, annotated ? &annotations : nullptr, instead);

    simdjson::dom::object members;
    if (tool.get_object().get(members))
        refuse("it is not an object");
    for (const auto member : members)
    {
        const auto key = member.key;
        if (key == "name" || key == "tenon" || key == "annotations" || (key == "title" && instead.title) ||
            (key == "description" && instead.description))
            continue;
        if (key == "inputSchema")
            writeInputSchema(out, member.value);
        else
            out.member(key, member.value);
    }
    out.endObject();
    return definition;
}

std::int64_t integerMember(const element& object, const char* name, std::int64_t otherwise)
{
    element member;
    if (!base::findMember(object, name, member))
        return otherwise;
    std::int64_t value = 0;
    if (member.get_int64().get(value) || value < 0)
        refuse(std::string("'tenon.") + name + "' must be an integer from 0");
    return value;
}

struct Declared
{
    EntryQueue::Concurrency concurrency = EntryQueue::Concurrency::PARALLEL;
    std::size_t maxConcurrent = 0;
    std::int64_t timeoutMs = -1;
    bool taskOnDemand = false;
};

Declared readDeclared(const element& tool)
{
    Declared declared;
    element own;
    if (!base::findMember(tool, "tenon", own))
        return declared;
    element member;
    if (base::findMember(own, "concurrency", member))
    {
        const auto word = base::textMember(own, "concurrency");
        if (word == "serial")
            declared.concurrency = EntryQueue::Concurrency::SERIAL;
        else if (word == "session")
            declared.concurrency = EntryQueue::Concurrency::SESSION;
        else if (word != "parallel")
            refuse("'tenon.concurrency' must be parallel, serial or session");
    }
    if (base::findMember(own, "task", member))
    {
        const auto word = base::textMember(own, "task");
        declared.taskOnDemand = word == "on-demand";
        if (!declared.taskOnDemand && word != "immediate")
            refuse("'tenon.task' must be immediate or on-demand");
    }
    declared.maxConcurrent = static_cast<std::size_t>(integerMember(own, "maxConcurrent", 0));
    declared.timeoutMs = integerMember(own, "timeoutMs", -1);
    return declared;
}

TaskSupport readTaskSupport(const element& tool)
{
    element execution, member;
    if (!base::findMember(tool, "execution", execution) || !base::findMember(execution, "taskSupport", member))
        return TaskSupport::FORBIDDEN;
    const auto word = base::textMember(execution, "taskSupport");
    if (word == "optional")
        return TaskSupport::OPTIONAL;
    if (word == "required")
        return TaskSupport::REQUIRED;
    if (word != "forbidden")
        refuse("'execution.taskSupport' must be forbidden, optional or required");
    return TaskSupport::FORBIDDEN;
}

/// Shape: `definition` is the entry's, parsed.
void readSchemas(ToolEntry& entry, const element& definition, const ToolEntry* before)
{
    element input, output;
    if (!base::findMember(definition, "inputSchema", input))
        refuse("it has no 'inputSchema'");
    if (base::textMember(input, "type") != "object")
        refuse("its 'inputSchema' must have the type 'object'");
    entry.headerParameters = headerParametersOf(input);
    const bool hasOutput = base::findMember(definition, "outputSchema", output);
    if (before && before->definition == entry.definition)
    {
        entry.definition = before->definition; // held once
        entry.inputSchema = before->inputSchema;
        entry.outputSchema = before->outputSchema;
        return;
    }
    const auto compile = [](const char* which, const element& schema)
    {
        try
        {
            return schema::Schema::compile(base::toJson(schema));
        }
        catch (const Poco::Exception& exc)
        {
            throw Poco::DataFormatException(std::string("its '") + which + "' is invalid: " + exc.message(), exc);
        }
    };
    entry.inputSchema = compile("inputSchema", input);
    if (hasOutput)
        entry.outputSchema = compile("outputSchema", output);
}

} // namespace

bool isToolName(std::string_view name)
{
    return !name.empty() && name.size() <= MAX_NAME &&
           std::all_of(name.begin(), name.end(),
                       [](char letter)
                       {
                           return Poco::Ascii::isAlphaNumeric(static_cast<unsigned char>(letter)) || letter == '_' ||
                                  letter == '-' || letter == '.';
                       });
}

ToolEntry readTool(const PluginConfig& config, const element& tool, const std::string& own,
                   const std::shared_ptr<PluginLimit>& limit, const ToolEntry* before)
{
    ToolEntry entry;
    entry.name = config.prefix + own;
    if (!isToolName(entry.name))
        refuse("its name must be made of letters, digits, '_', '-' and '.', at most 128 of them");
    checkTypes(tool);
    const auto found = config.overrides.find(own);
    const ToolOverride instead = found == config.overrides.end() ? ToolOverride{} : found->second;
    entry.definition = write(tool, entry.name, instead);
    const auto definition = base::JsonDocument::parse(entry.definition.text());
    readSchemas(entry, definition->root(), before);

    const Declared declared = readDeclared(tool);
    entry.taskSupport = readTaskSupport(tool);
    entry.taskOnDemand = declared.taskOnDemand;
    element annotations, hint;
    if (base::findMember(definition->root(), "annotations", annotations) &&
        base::findMember(annotations, "readOnlyHint", hint))
        entry.readOnly = hint.get_bool().value();
    entry.timeoutMs = instead.timeoutMs.value_or(config.timeoutMs.value_or(declared.timeoutMs));
    entry.maxResultBytes = instead.maxResultBytes.value_or(0);
    const std::size_t maxConcurrent = instead.maxConcurrent.value_or(declared.maxConcurrent);
    if (before && before->queue->sameAs(declared.concurrency, maxConcurrent, config.maxQueued, limit))
        entry.queue = before->queue;
    else
        entry.queue = std::make_shared<EntryQueue>(declared.concurrency, maxConcurrent, config.maxQueued, limit);
    return entry;
}

} // namespace tenon::plugin

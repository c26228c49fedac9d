#include "plugin/tools/DefinitionFindings.h"

#include "base/json/JsonDocument.h"

namespace tenon::plugin
{

namespace
{

using base::JsonDocument;
using Verdict = Finding::Verdict;

/// Which argument nobody explains; empty if there is none.
std::string undescribed(const JsonDocument::Element& tool)
{
    JsonDocument::Element schema, properties;
    simdjson::dom::object members;
    if (!base::findMember(tool, "inputSchema", schema) || !base::findMember(schema, "properties", properties) ||
        properties.get_object().get(members))
        return {};
    for (const auto& [name, property] : members)
        if (base::textMember(property, "description").empty())
            return "its argument '" + std::string(name) + "' has no description: a model has to guess what it means";
    return {};
}

std::string lackOfTool(const JsonDocument::Element& tool)
{
    JsonDocument::Element annotations;
    if (base::textMember(tool, "description").empty())
        return "it has no description: a model will not know when to use it";
    if (!base::findMember(tool, "annotations", annotations))
        return "it has no annotations: clients will assume that it changes things";
    return undescribed(tool);
}

std::string lackOfPrompt(const JsonDocument::Element& prompt)
{
    JsonDocument::Element arguments;
    simdjson::dom::array list;
    if (base::textMember(prompt, "description").empty())
        return "it has no description: people will not know what it is for";
    if (base::findMember(prompt, "arguments", arguments) && !arguments.get_array().get(list))
        for (const auto argument : list)
            if (base::textMember(argument, "description").empty())
                return "its argument '" + std::string(base::textMember(argument, "name")) + "' has no description";
    return {};
}

std::string lackOfResource(const JsonDocument::Element& resource)
{
    return base::textMember(resource, "description").empty() ? "it has no description" : "";
}

} // namespace

void reportDefinitions(const Entries& entries, const std::function<void(const Finding&)>& found)
{
    const auto report = [&found](const std::string& what, const std::string& lack) {
        found({"definition: " + what, lack.empty() ? Verdict::PASS : Verdict::WARN, lack});
    };
    for (const auto& refusal : entries.refusals)
        found({"definition: " + refusal.subject, Verdict::FAIL, refusal.reason});
    for (const auto& tool : entries.tools)
        report("tool '" + tool.name + "'", lackOfTool(JsonDocument::parse(tool.definition.text())->root()));
    for (const auto& prompt : entries.prompts)
        report("prompt '" + prompt.name + "'", lackOfPrompt(JsonDocument::parse(prompt.definition.text())->root()));
    for (const auto& one : entries.resources)
        report("resource '" + one.uri + "'", lackOfResource(JsonDocument::parse(one.definition.text())->root()));
    for (const auto& one : entries.templates)
        report("template '" + one.uriTemplate + "'",
               lackOfResource(JsonDocument::parse(one.definition.text())->root()));
    if (entries.tools.empty() && entries.resources.empty() && entries.templates.empty() && entries.prompts.empty())
        found({"offers something", Verdict::WARN, "neither tools nor resources nor prompts"});
}

} // namespace tenon::plugin

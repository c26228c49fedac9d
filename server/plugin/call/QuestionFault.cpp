#include "plugin/call/QuestionFault.h"

namespace tenon::plugin
{

using base::findMember;
using base::textMember;
using Element = base::JsonDocument::Element;

namespace
{

std::string fieldFault(std::string_view name, const Element& field)
{
    const auto type = textMember(field, "type");
    Element items;
    if (type == "string" || type == "number" || type == "integer" || type == "boolean")
        return {};
    if (type == "array" && findMember(field, "items", items) &&
        (textMember(items, "type") == "string" || findMember(items, "anyOf", items)))
        return {};
    return "the form's field '" + std::string(name) +
           "' must be a string, a number, an integer, a boolean, or an array of choices: forms are flat";
}

std::string elicitationFault(const Element& params)
{
    const auto mode = textMember(params, "mode");
    Element member, properties;
    if (findMember(params, "mode", member) && mode != "form" && mode != "url")
        return "an elicitation's mode is \"form\" or \"url\"";
    if (textMember(params, "message").empty())
        return "an elicitation needs a message";
    if (mode == "url")
        return textMember(params, "url").empty() ? "an elicitation in url mode needs a url" : std::string();
    if (!findMember(params, "requestedSchema", member))
        return {}; // "is there anything to say?": some clients know it so
    if (textMember(member, "type") != "object" || !findMember(member, "properties", properties) ||
        !properties.is_object())
        return "a requestedSchema is an object with properties";
    for (const auto& [name, field] : simdjson::dom::object(properties))
        if (auto fault = fieldFault(name, field); !fault.empty())
            return fault;
    return {};
}

/// A message with the results of tools has nothing else.
bool mixesToolResults(const Element& message)
{
    Element content;
    simdjson::dom::array blocks;
    if (!findMember(message, "content", content) || content.get_array().get(blocks))
        return false;
    std::size_t results = 0;
    for (const auto block : blocks)
        results += textMember(block, "type") == "tool_result" ? 1 : 0;
    return results > 0 && results < blocks.size();
}

std::string samplingFault(const Element& params)
{
    Element messages;
    simdjson::dom::array list;
    if (!findMember(params, "messages", messages) || messages.get_array().get(list))
        return "sampling needs the array \"messages\"";
    for (const auto message : list)
        if (mixesToolResults(message))
            return "a message to sample that has tool results must have nothing else";
    return {};
}

} // namespace

std::string questionFault(const Element& request)
{
    const auto method = textMember(request, "method");
    Element params, meta;
    const bool hasParams = findMember(request, "params", params) && params.is_object();
    if (method != "elicitation/create" && method != "sampling/createMessage" && method != "roots/list")
        return "a client is asked elicitation/create, sampling/createMessage or roots/list";
    if (!hasParams)
        return method == "roots/list" ? std::string() : std::string(method) + " needs params";
    if (findMember(params, "_meta", meta) && !meta.is_object())
        return "\"_meta\" must be an object";
    if (method == "elicitation/create")
        return elicitationFault(params);
    return method == "sampling/createMessage" ? samplingFault(params) : std::string();
}

} // namespace tenon::plugin

#include "mcp/revisions/ResultFault.h"

#include "base/text/Base64.h"

namespace tenon::mcp
{

using base::JsonDocument;
using Element = JsonDocument::Element;

namespace
{

constexpr std::size_t MAX_COMPLETIONS = 100;

bool isBase64(const Element& value)
{
    std::string_view text;
    std::string bytes;
    return !value.get_string().get(text) && base::fromBase64(text, bytes);
}

/// Of a content block, or of the contents of a resource.
std::string blockFault(const Element& block)
{
    simdjson::dom::object members;
    if (block.get_object().get(members))
        return "an item of the content is not an object";
    for (const auto& [name, value] : members)
    {
        if (name == "_meta" && !value.is_object())
            return "\"_meta\" must be an object";
        if ((name == "data" || name == "blob") && !isBase64(value))
            return '"' + std::string(name) + "\" must be base64";
        if (name == "resource")
            if (auto fault = blockFault(value); !fault.empty())
                return fault;
    }
    return {};
}

std::string blocksFault(const Element& blocks)
{
    simdjson::dom::array items;
    if (blocks.get_array().get(items))
        return {};
    for (const auto item : items)
        if (auto fault = blockFault(item); !fault.empty())
            return fault;
    return {};
}

std::string messagesFault(const Element& messages)
{
    simdjson::dom::array items;
    Element content;
    if (messages.get_array().get(items))
        return {};
    for (const auto item : items)
        if (base::findMember(item, "content", content) && content.is_object())
            if (auto fault = blockFault(content); !fault.empty())
                return fault;
    return {};
}

std::string hintFault(std::string_view name, const Element& value)
{
    std::int64_t number = 0;
    std::string_view text;
    if (name == "ttlMs" && !value.get_int64().get(number) && number < 0)
        return "\"ttlMs\" must not be below 0";
    if (name == "cacheScope" && (value.get_string().get(text) || (text != "public" && text != "private")))
        return "\"cacheScope\" must be public or private";
    return {};
}

std::string completionFault(const Element& completion)
{
    Element values;
    simdjson::dom::array items;
    if (!base::findMember(completion, "values", values) || values.get_array().get(items))
        return "a completion needs the array \"values\"";
    return items.size() > MAX_COMPLETIONS ? "a completion has at most " + std::to_string(MAX_COMPLETIONS) +
                                                " values, this one " + std::to_string(items.size())
                                          : std::string();
}

std::string memberFault(ResultKind kind, std::string_view name, const Element& value)
{
    if (name == "_meta")
        return value.is_object() ? std::string() : "\"_meta\" must be an object";
    if ((name == "content" && kind == ResultKind::CALL_TOOL) ||
        (name == "contents" && kind == ResultKind::READ_RESOURCE))
        return blocksFault(value);
    if (name == "messages" && kind == ResultKind::GET_PROMPT)
        return messagesFault(value);
    if (name == "completion" && kind == ResultKind::COMPLETE)
        return completionFault(value);
    return kind == ResultKind::READ_RESOURCE ? hintFault(name, value) : std::string();
}

} // namespace

std::string resultFault(ResultKind kind, const Element& result)
{
    simdjson::dom::object members;
    if (result.get_object().get(members))
        return "a result is an object";
    for (const auto& [name, value] : members)
        if (auto fault = memberFault(kind, name, value); !fault.empty())
            return fault;
    return {};
}

} // namespace tenon::mcp

#include "plugin/tools/ResultFindings.h"

#include "base/json/JsonDocument.h"
#include "base/text/Base64.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tenon::plugin
{

namespace
{

using base::JsonDocument;

constexpr std::array<std::string_view, 5> BLOCK_TYPES = {"text", "image", "audio", "resource_link", "resource"};

bool isBase64(const JsonDocument::Element& value)
{
    std::string_view text;
    std::string bytes;
    return !value.get_string().get(text) && base::fromBase64(text, bytes);
}

std::string faultOfBlock(const JsonDocument::Element& block)
{
    const auto type = base::textMember(block, "type");
    JsonDocument::Element member;
    if (std::find(BLOCK_TYPES.begin(), BLOCK_TYPES.end(), type) == BLOCK_TYPES.end())
        return "a content block has no known 'type'";
    if (type == "text" && (!base::findMember(block, "text", member) || !member.is_string()))
        return "a text block has no 'text'";
    if ((type == "image" || type == "audio") && (!base::findMember(block, "data", member) || !isBase64(member)))
        return "the 'data' of its " + std::string(type) + " is not base64";
    if ((type == "image" || type == "audio") && base::textMember(block, "mimeType").empty())
        return "its " + std::string(type) + " has no 'mimeType'";
    if (type == "resource_link" && base::textMember(block, "uri").empty())
        return "a resource_link has no 'uri'";
    if (type != "resource")
        return {};
    if (!base::findMember(block, "resource", member) || base::textMember(member, "uri").empty())
        return "a resource in the content has no 'uri'";
    JsonDocument::Element blob;
    if (base::findMember(member, "blob", blob) && !isBase64(blob))
        return "the 'blob' of a resource is not base64";
    return {};
}

} // namespace

std::string faultOfResult(const ToolEntry& tool, const std::string& json)
{
    const auto document = base::JsonDocument::parse(json);
    const auto root = document->root();
    simdjson::dom::element content, structured, flag;
    simdjson::dom::array blocks;
    if (base::findMember(root, "content", content))
    {
        if (content.get_array().get(blocks))
            return "its 'content' is not an array";
        for (const auto block : blocks)
            if (auto fault = faultOfBlock(block); !fault.empty())
                return fault;
    }
    const bool failed = base::findMember(root, "isError", flag) && flag.is_bool() && flag.get_bool().value();
    const bool hasStructured = base::findMember(root, "structuredContent", structured);
    if (tool.outputSchema && !failed)
    {
        schema::Violation violation;
        if (!hasStructured)
            return "it declares an outputSchema but gives no 'structuredContent'";
        if (!tool.outputSchema->validate(structured, &violation))
            return "its 'structuredContent' breaks its outputSchema: " + violation.message;
    }
    if (!hasStructured && !base::findMember(root, "content", content))
        return "it has neither 'content' nor 'structuredContent'";
    return {};
}

std::string oddityOfResult(const std::string& json)
{
    const auto document = base::JsonDocument::parse(json);
    simdjson::dom::element content, structured;
    simdjson::dom::array blocks;
    const bool hasText =
        base::findMember(document->root(), "content", content) && !content.get_array().get(blocks) && blocks.size() > 0;
    if (base::findMember(document->root(), "structuredContent", structured) && !hasText)
        return "it gives 'structuredContent' and an empty 'content': clients that know no structured content see "
               "nothing";
    return {};
}

} // namespace tenon::plugin

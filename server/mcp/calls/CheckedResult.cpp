#include "mcp/calls/CheckedResult.h"

#include "base/json/JsonDocument.h"
#include "mcp/revisions/ResultFault.h"

#include <algorithm>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;

namespace
{

/// How structuredContent breaks the tool's outputSchema; empty: it does not.
std::string outputFault(const plugin::ToolEntry& tool, const JsonDocument::Element& result)
{
    JsonDocument::Element structured;
    schema::Violation violation;
    if (!findMember(result, "structuredContent", structured))
        return "structuredContent is missing";
    return tool.outputSchema->validate(structured, &violation) ? std::string() : violation.message;
}

std::string inMegabytes(std::size_t bytes)
{
    const auto tenths = (bytes + 99'999) / 100'000;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " MB";
}

} // namespace

CheckedResult checkResult(const CallServices& services, const CallTarget& target, ProtocolVersion version,
                          std::string& text, bool wellFormed)
{
    const std::size_t most =
        target.tool && target.tool->maxResultBytes != 0 ? target.tool->maxResultBytes : services.options.maxResultBytes;
    if (text.size() > most)
    {
        CheckedResult checked;
        checked.fault = "the result has " + inMegabytes(text.size()) + " and may have " + inMegabytes(most) +
                        ": ask for less, such as fewer items, a narrower filter, or one part at a time";
        return checked;
    }
    if (!wellFormed) // line breaks can only be white space, and messages are framed by lines
        std::replace_if(
            text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    if (text.capacity() - text.size() < JsonDocument::PADDING)
        text.reserve(text.size() + JsonDocument::PADDING);
    const auto document = JsonDocument::parse(text, JsonDocument::Padding::PRESENT);
    CheckedResult checked;
    checked.shaped = shapeResult(target.resultKind(), version, text, document->root(), services.meta, {});
    if (const auto fault = resultFault(target.resultKind(), document->root()); !fault.empty())
    {
        checked.fault = "the plugin's result breaks the protocol: " + fault;
        return checked;
    }

    JsonDocument::Element member;
    if (findMember(document->root(), "isError", member))
        checked.isError = !member.get_bool().get(checked.isError) && checked.isError;
    if (target.tool && target.tool->outputSchema && !checked.isError)
        if (const auto fault = outputFault(*target.tool, document->root()); !fault.empty())
            (services.options.strictOutput ? checked.fault : checked.flaw) =
                "the tool's result breaks its outputSchema: " + fault;
    return checked;
}

} // namespace tenon::mcp

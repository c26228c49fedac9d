#include "mcp/calls/CheckedResult.h"

#include "base/json/JsonDocument.h"
#include "base/limits/LargeTurn.h"
#include "mcp/revisions/ResultFault.h"
#include "plugin/call/TooLarge.h"

#include <algorithm>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;

namespace
{

/// How structuredContent breaks the tool's outputSchema; empty: it does not.
std::string outputFault(const plugin::ToolEntry& tool, const JsonDocument::Element& structured)
{
    schema::Violation violation;
    return tool.outputSchema->validate(structured, &violation) ? std::string() : violation.message;
}

/// Holds a result against the tool's outputSchema, if there is one. Shape: `find` gives how it breaks it.
template <typename Find>
void checkOutput(const CallServices& services, const CallTarget& target, CheckedResult& checked, Find find)
{
    if (!target.tool || !target.tool->outputSchema || checked.isError)
        return;
    if (const std::string fault = find(); !fault.empty())
        (services.options.strictOutput ? checked.fault : checked.flaw) =
            "the tool's result breaks its outputSchema: " + fault;
}

constexpr const char* NOT_STRUCTURED = "structuredContent is missing";

/// A result that its writer knows: nothing is parsed but what the tool has promised a schema for.
CheckedResult checkPlain(const CallServices& services, const CallTarget& target, ProtocolVersion version,
                         std::string_view text, const plugin::ResultShape& shape)
{
    CheckedResult checked;
    checked.shaped = asItStands(version, text, services.meta);
    checked.isError = shape.isError;
    checkOutput(services, target, checked,
                [&]
                {
                    const auto structured =
                        text.substr(shape.structuredBegin, shape.structuredEnd - shape.structuredBegin);
                    return shape.structured ? outputFault(*target.tool, JsonDocument::parse(structured)->root())
                                            : std::string(NOT_STRUCTURED);
                });
    return checked;
}

/// Whether this revision takes what a plain result may hold.
bool takesPlain(ProtocolVersion version, const plugin::ResultShape& shape)
{
    return !shape.structured || isModern(version) ||
           (version >= ProtocolVersion::V2025_06_18 && shape.structuredIsObject);
}

} // namespace

std::size_t mostBytes(const CallServices& services, const CallTarget& target)
{
    return target.tool && target.tool->maxResultBytes != 0 ? target.tool->maxResultBytes
                                                           : services.options.maxResultBytes;
}

CheckedResult checkResult(const CallServices& services, const CallTarget& target, ProtocolVersion version,
                          std::string& text, const plugin::ResultShape* shape)
{
    if (const std::size_t most = mostBytes(services, target); text.size() > most)
    {
        CheckedResult checked;
        checked.fault = plugin::resultTooLarge(text.size(), most);
        return checked;
    }
    const base::LargeTurn turn(text.size());
    if (shape && shape->plain && target.kind == plugin::Target::TOOL && takesPlain(version, *shape))
        return checkPlain(services, target, version, text, *shape);
    if (!shape) // line breaks can only be white space, and messages are framed by lines
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
    checkOutput(services, target, checked,
                [&]
                {
                    return findMember(document->root(), "structuredContent", member) ? outputFault(*target.tool, member)
                                                                                     : std::string(NOT_STRUCTURED);
                });
    return checked;
}

} // namespace tenon::mcp

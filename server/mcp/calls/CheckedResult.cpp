#include "mcp/calls/CheckedResult.h"

#include "base/json/JsonDocument.h"
#include "base/limits/LargeTurn.h"
#include "base/text/LogEscape.h"
#include "base/text/Reason.h"
#include "mcp/Log.h"
#include "mcp/revisions/ResultFault.h"
#include "plugin/call/TooLarge.h"

#include <algorithm>
#include <new>

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
void checkPlain(const CallServices& services, const CallTarget& target, ProtocolVersion version, std::string_view text,
                const plugin::ResultShape& shape, CheckedResult& checked)
{
    checked.shaped.opening = services.meta.opening(version);
    checked.shaped.rest = ShapedResult::restOf(text);
    checked.isError = shape.isError;
    checkOutput(services, target, checked,
                [&]
                {
                    const auto structured =
                        text.substr(shape.structuredBegin, shape.structuredEnd - shape.structuredBegin);
                    return shape.structured ? outputFault(*target.tool, JsonDocument::parse(structured)->root())
                                            : std::string(NOT_STRUCTURED);
                });
}

/// Whether this revision takes what a plain result may hold.
bool takesPlain(ProtocolVersion version, const plugin::ResultShape& shape)
{
    return !shape.structured || isModern(version) ||
           (version >= ProtocolVersion::V2025_06_18 && shape.structuredIsObject);
}

/// Errors: Poco::DataFormatException if it is not one JSON object of its kind.
void checkTree(const CallServices& services, const CallTarget& target, ProtocolVersion version, std::string& text,
               CheckedResult& checked)
{
    if (text.capacity() - text.size() < JsonDocument::PADDING)
        text.reserve(text.size() + JsonDocument::PADDING);
    const auto document = JsonDocument::parse(text, JsonDocument::Padding::PRESENT);
    checked.shaped = shapeResult(target.resultKind(), version, text, document->root(), services.meta, {});
    if (const auto fault = resultFault(target.resultKind(), document->root()); !fault.empty())
    {
        checked.fault = "the plugin's result breaks the protocol: " + fault;
        return;
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
}

} // namespace

std::optional<CheckedResult> checkResult(const CallServices& services, const CallTarget& target,
                                         ProtocolVersion version, std::size_t mostBytes, std::string& text,
                                         const plugin::ResultShape* shape)
{
    std::optional<CheckedResult> checked(std::in_place);
    services.large.note(target.subject, text.size());
    try
    {
        const base::LargeTurn turn(text.size() > mostBytes ? 0 : text.size());
        if (text.size() > mostBytes)
            checked->fault = plugin::resultTooLarge(text.size(), mostBytes);
        else if (shape && shape->plain && target.kind == plugin::Target::TOOL && takesPlain(version, *shape))
            checkPlain(services, target, version, text, *shape, *checked);
        else
        {
            if (!shape) // line breaks can only be white space, and messages are framed by lines
                std::replace_if(
                    text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
            checkTree(services, target, version, text, *checked);
        }
    }
    catch (const std::bad_alloc&)
    {
        throw; // not the plugin's fault
    }
    catch (const std::exception& exc)
    {
        logger().error("'" + base::forLog(target.subject) + "' returned an invalid result: " + base::reasonOf(exc));
        checked.reset();
        return checked;
    }
    if (const auto& why = checked->fault.empty() ? checked->flaw : checked->fault; !why.empty())
        logger().warning("'" + base::forLog(target.subject) + "': " + base::forLog(why));
    return checked;
}

} // namespace tenon::mcp

#pragma once

#include "mcp/calls/CallServices.h"
#include "mcp/calls/CallTarget.h"
#include "mcp/revisions/ProtocolVersion.h"
#include "mcp/revisions/Results.h"
#include "plugin/call/ResultShape.h"

#include <cstddef>
#include <string>

namespace tenon::mcp
{

/// A plugin's result, checked against the specification and shaped for its client.
struct CheckedResult
{
    ShapedResult shaped;  ///< borrows the text
    bool isError = false; ///< of a tool
    std::string fault;    ///< why it cannot go out; empty: it can. For the caller, and for the author's log
    std::string flaw;     ///< what is wrong with it though it goes out, for the log
};

/// How large a result may be.
[[nodiscard]] std::size_t mostBytes(const CallServices& services, const CallTarget& target);

/// Checks and shapes.
///
/// Shape:     `text` is JSON in the shape of the newest revision; `shape` is what a writer of this process noted of it,
///            null if nobody has looked at it. It may be changed, and must stay as long as the result.
/// Errors:    Poco::DataFormatException if it is not one JSON object.
/// Threading: any thread.
[[nodiscard]] CheckedResult checkResult(const CallServices& services, const CallTarget& target, ProtocolVersion version,
                                        std::string& text, const plugin::ResultShape* shape);

} // namespace tenon::mcp

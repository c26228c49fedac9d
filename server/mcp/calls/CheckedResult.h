#pragma once

#include "mcp/calls/CallServices.h"
#include "mcp/calls/CallTarget.h"
#include "mcp/revisions/ProtocolVersion.h"
#include "mcp/revisions/Results.h"
#include "plugin/call/ResultShape.h"

#include <cstddef>
#include <optional>
#include <string>

namespace tenon::mcp
{

/// A plugin's result, checked against the specification and shaped for its client.
struct CheckedResult
{
    ShapedResult shaped;  ///< borrows the text
    bool isError = false; ///< of a tool
    std::string fault;    ///< why it cannot go out; empty: it can. For the caller, and for the author's log
    std::string flaw;     ///< what is wrong with it though it goes out, for the log alone
};

/// Checks and shapes, and tells the log what is wrong with it. Nothing if it is not one JSON object of its kind.
///
/// Shape:     `text` is JSON in the shape of the newest revision, of `mostBytes` at most; `shape` is what a writer of this
///            process noted of it, null if nobody has looked at it. It may be changed, and must stay as long as the result.
/// Errors:    std::bad_alloc.
/// Threading: any thread.
[[nodiscard]] std::optional<CheckedResult> checkResult(const CallServices& services, const CallTarget& target,
                                                       ProtocolVersion version, std::size_t mostBytes,
                                                       std::string& text, const plugin::ResultShape* shape);

} // namespace tenon::mcp

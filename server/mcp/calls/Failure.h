#pragma once

#include "jsonrpc/Error.h"
#include "mcp/calls/CallTarget.h"
#include "mcp/calls/Questions.h"

#include <optional>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// A plugin's failure as its client gets it.
struct Failure
{
    std::string text;
    std::string data;      ///< JSON; may be empty
    bool asResult = false; ///< a tool's result with `isError`, for a model to correct itself
    jsonrpc::ErrorKind kind = jsonrpc::ErrorKind::INTERNAL; ///< otherwise
};

/// Shape: `status` is negative, as the plugin's function or `tenon_call.fail` gave it; `message` may be empty; `refusal` is
///        why the client could not be asked, if it could not.
[[nodiscard]] Failure failureOf(const CallTarget& target, bool modern, tenon_status status, std::string_view message,
                                const std::optional<Questions::Refusal>& refusal);

} // namespace tenon::mcp

#pragma once

#include <string>
#include <string_view>

namespace tenon::mcp
{

/// Text of a client as a line of the log may show it: without control characters, with which it could pass for lines of
/// ours, and not longer than anybody wants to read.
[[nodiscard]] std::string forLog(std::string_view text);

} // namespace tenon::mcp

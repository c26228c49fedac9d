#pragma once

#include <string>
#include <string_view>

namespace tenon::base
{

// Texts of others in a log, where they must not pass for lines of ours, nor speak to a terminal.
//
// Control characters (C0, DEL, and those of C1 in UTF-8) and bytes that are no UTF-8 become `\xNN`; UTF-8 goes through.
// Threading: any thread, all functions.

/// Foreign input, made safe for a log line: control characters, quotes and backslashes as `\xNN`.
///
/// Units: what is beyond `maxBytes` of the text is cut, never inside a character, and "..." put in its place.
[[nodiscard]] std::string logEscaped(std::string_view text, std::size_t maxBytes = std::string_view::npos);

/// `logEscaped`, truncated to a readable length.
[[nodiscard]] std::string forLog(std::string_view text);

/// Appends a whole message: control characters alone are escaped, a line break as `\n`.
void appendLogMessage(std::string& out, std::string_view text);

} // namespace tenon::base

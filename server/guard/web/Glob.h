#pragma once

#include <string_view>

namespace tenon::guard
{

/// Whether `text` is of the form `pattern`: `?` stands for one character, `*` for any run within a segment, `**` for
/// any run at all; segments end at `/`. A pattern that is just `*` matches everything.
///
/// Units: bytes; compared with case. Takes at most pattern times text steps.
[[nodiscard]] bool globMatches(std::string_view pattern, std::string_view text);

} // namespace tenon::guard

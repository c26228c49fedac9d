#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::base
{

// The %XX of URIs (RFC 3986, 2.1). Threading: any thread, all functions.

/// Undoes %XX; a '%' that no two digits follow stays as it is.
[[nodiscard]] std::string percentDecoded(std::string_view text);

/// Undoes %XX; nothing if a '%' is not followed by two digits.
[[nodiscard]] std::optional<std::string> percentDecodedStrictly(std::string_view text);

/// A name or a value of a query as forms write it: '+' is a space, then `percentDecodedStrictly`.
[[nodiscard]] std::optional<std::string> formDecoded(std::string_view text);

/// Writes as %XX all but letters, digits, "-._~" and what `keep` names.
[[nodiscard]] std::string percentEncoded(std::string_view text, std::string_view keep = {});

/// One form for all ways in which the same URI is written: what needs no escape is written as it is, what needs one (blanks,
/// letters beyond ASCII, a lone '%') as %XX in upper case. Reserved characters stay as they are, escaped or not: they are
/// different URIs (RFC 3986, 2.2 and 6.2.2).
[[nodiscard]] std::string normalUri(std::string_view uri);

} // namespace tenon::base

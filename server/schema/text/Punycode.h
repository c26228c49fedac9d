#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::schema::punycode
{

/// The text that `encoded`, without "xn--", stands for; nothing if it stands for none. Meant for labels of host names:
/// the time taken grows with the square of the length.
///
/// Spec: RFC 3492.
std::optional<std::u32string> decode(std::string_view encoded);

/// In lower case, without "xn--".
std::string encode(std::u32string_view text);

} // namespace tenon::schema::punycode

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::schema::idna
{

/// Labels of internationalised host names, as strict as a format check needs to be. Categories and scripts of
/// characters come from RE2's tables; characters that NFKC changes are known by block, joining and writing direction by
/// script.
///
/// Spec: RFC 5890 to 5893.

/// Bytes of "xn--".
constexpr std::size_t ENCODED_PREFIX = 4;

/// True for "xn--...", in any case.
bool looksEncoded(std::string_view label);

/// What an "xn--" label stands for; nothing if it stands for no valid label.
std::optional<std::u32string> decodeLabel(std::string_view label);

/// True for a label with characters beyond ASCII that is valid, and short enough once encoded.
bool isLabel(std::u32string_view label);

/// True if no label is written from right to left, or all of them obey the Bidi Rule.
bool obeysBidiRule(const std::vector<std::u32string>& labels);

} // namespace tenon::schema::idna

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::base
{

// Looks at JSON text without a tree, for texts that the parser refuses though they are grammatical.
//
// Nothing here recurses: nesting of any depth costs no stack. Threading: any thread, all functions.

/// The text of the member `name` of the object that `json` is; empty if there is none. Of a name that stands twice the
/// first. For texts that cannot be taken as they are (nested too deep, too long), so that the answer to a message bears
/// the message's id.
///
/// Shape: `json` may be cut off behind the member: the head of a longer text will do.
[[nodiscard]] std::string_view topLevelMember(std::string_view json, std::string_view name);

/// `json` as simdjson takes it: a surrogate without its other half becomes U+FFFD, and a number that neither 64 bits nor
/// a double hold, too large or too near to 0, becomes a text that `bigNumberOf` knows. What is malformed stays so.
[[nodiscard]] std::string carriedJson(std::string_view json);

/// Whether `json` may hold a number that is too near to 0 for a double: simdjson reads it as 0 without a word. Looks for
/// what all of them have, an exponent of three digits or a hundred zeros in a row; what else has that is carried in vain.
[[nodiscard]] bool mayVanish(std::string_view json) noexcept;

/// `json` with 0 in the place of NaN, Infinity and -Infinity, which some serialisers write though JSON has no such words.
[[nodiscard]] std::string withoutForeignNumbers(std::string_view json);

/// The number that a text of `carriedJson` stands for ("100000000000000000000", "1e400", "1e-400"); nothing for any other text.
[[nodiscard]] std::optional<std::string_view> bigNumberOf(std::string_view text) noexcept;

/// The nearest double to the digits of a number; infinite beyond all of them, 0 below the smallest.
[[nodiscard]] double nearestReal(std::string_view digits) noexcept;

/// Turns texts of `carriedJson` within JSON text back into the numbers they stand for.
void restoreBigNumbers(std::string& json);

} // namespace tenon::base

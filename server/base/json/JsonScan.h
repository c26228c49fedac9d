#pragma once

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
/// a double hold, too large or too near to 0, becomes a text (BigNumber.h). What is malformed stays so.
[[nodiscard]] std::string carriedJson(std::string_view json);

/// `json` with 0 in the place of NaN, Infinity and -Infinity, which some serialisers write though JSON has no such words.
[[nodiscard]] std::string withoutForeignNumbers(std::string_view json);

} // namespace tenon::base

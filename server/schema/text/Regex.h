#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2
{
class RE2;
}

namespace tenon::schema
{

/// A pattern of ECMA-262, with its `u` flag, in the words of RE2.
///
/// Not understood by RE2, and so refused: lookahead, lookbehind, backreferences, lone surrogates, more than 1000
/// repetitions. Taken although ECMA-262 with the `u` flag would not: an escaped sign that needs no escaping ("\-",
/// "\_"), and a lone '{', '}' or ']' that stands for itself.
///
/// Spec: ECMA-262, section 22.2 (Patterns); JSON Schema Core 2020-12, 6.4.
struct Translation
{
    std::string pattern;     ///< for RE2
    std::string unsupported; ///< what RE2 cannot do; empty if nothing
};

/// Errors: SchemaException, without a path, if `ecma` is not a regular expression.
Translation translate(std::string_view ecma);

/// Errors: SchemaException, without a path, if `ecma` is not a regular expression or needs what RE2 cannot do.
std::unique_ptr<const re2::RE2> compilePattern(std::string_view ecma);

/// True if `pattern` is found anywhere in `text`. Takes time linear in the text.
bool search(const re2::RE2& pattern, std::string_view text);

} // namespace tenon::schema

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::filesystem
{

/// A pattern for relative paths: `*` any characters within one name, `?` one of them, `[a-z]` and `[!a-z]` one of a set,
/// `{a,b}` one of several, `**` any number of directories, `\` takes the next character as it is. A pattern without a slash is
/// looked for in every directory; `./` in front keeps it in the first one. A name that has the brackets of a set itself
/// matches, too: "[slug].tsx" is a usual name.
///
/// Shape:     names are compared byte by byte, but `?` and sets take a whole UTF-8 character.
/// Errors:    Failure (INVALID) if brackets or braces do not close, it has "..", it negates ("!a", "!(a)") or has shells' (a|b),
///            braces give more than 256 patterns, or the whole is longer than 1024 bytes.
/// Threading: immutable; any thread. Matching takes at most pattern times path steps, whatever the pattern.
class Glob
{
public:
    explicit Glob(std::string_view pattern);

    bool matches(std::string_view relativePath) const;

private:
    std::vector<std::vector<std::string>> _alternatives; ///< each a list of components
};

} // namespace tenon::filesystem

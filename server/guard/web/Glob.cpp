#include "guard/web/Glob.h"

namespace tenon::guard
{

namespace
{

/// A star that was passed: where the pattern goes on behind it, and how much of the text it has eaten.
struct Star
{
    std::size_t pattern = std::string_view::npos;
    std::size_t text = 0;
    [[nodiscard]] bool seen() const { return pattern != std::string_view::npos; }
};

} // namespace

bool globMatches(std::string_view pattern, std::string_view text)
{
    if (pattern == "*")
        return true;

    std::size_t at = 0, in = 0;
    Star narrow, wide;
    while (in < text.size() || at < pattern.size())
    {
        if (at < pattern.size() && pattern[at] == '*')
        {
            const bool crossing = at + 1 < pattern.size() && pattern[at + 1] == '*';
            at += crossing ? 2 : 1;
            (crossing ? wide : narrow) = {at, in};
            if (crossing)
                narrow = {}; // what stands before a wide star never needs another try
            continue;
        }
        if (in < text.size() && at < pattern.size() &&
            (pattern[at] == text[in] || (pattern[at] == '?' && text[in] != '/')))
        {
            ++at;
            ++in;
            continue;
        }
        if (narrow.seen() && narrow.text < text.size() && text[narrow.text] != '/')
        {
            in = ++narrow.text;
            at = narrow.pattern;
        }
        else if (wide.seen() && wide.text < text.size())
        {
            in = ++wide.text;
            at = wide.pattern;
            narrow = {};
        }
        else
            return false;
    }
    return true;
}

} // namespace tenon::guard

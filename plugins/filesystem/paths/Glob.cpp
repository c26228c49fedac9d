#include "filesystem/paths/Glob.h"

#include "filesystem/Failure.h"

#include <algorithm>
#include <utility>

namespace tenon::filesystem
{

namespace
{

constexpr std::size_t MAX_ALTERNATIVES = 256;
constexpr std::size_t MAX_LENGTH = 1024;
constexpr std::size_t NONE = std::string_view::npos;

[[noreturn]] void refuse(std::string_view pattern, const char* why)
{
    throw Failure(Reason::INVALID, "The glob '" + std::string(pattern) + "' " + why +
                                       ". Examples: *.txt, src/**/*.cpp, {a,b}*.md, [0-9]*.log.");
}

/// The index behind a backslash and the character that it takes as it is, or behind any other character.
std::size_t behind(std::string_view pattern, std::size_t at)
{
    return std::min(at + (pattern[at] == '\\' ? 2 : 1), pattern.size());
}

/// The index behind the ']' that closes the set that begins at `at`, or NONE.
std::size_t endOfSet(std::string_view pattern, std::size_t at)
{
    std::size_t i = at + 1;
    if (i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^'))
        ++i;
    // A bracket right at the beginning belongs to the set.
    if (i < pattern.size() && pattern[i] == ']')
        ++i;
    while (i < pattern.size() && pattern[i] != ']')
        i = behind(pattern, i);
    return i < pattern.size() ? i + 1 : NONE;
}

/// Replaces the first {a,b} by each of its parts, and so on.
void expand(const std::string& pattern, std::string_view whole, std::vector<std::string>& out)
{
    std::size_t open = 0;
    while (open < pattern.size() && pattern[open] != '{')
    {
        const std::size_t end = pattern[open] == '[' ? endOfSet(pattern, open) : behind(pattern, open);
        if (end == NONE)
            refuse(whole, "has a [ without ]");
        open = end;
    }
    if (open >= pattern.size())
    {
        if (out.size() == MAX_ALTERNATIVES)
            refuse(whole, "has too many alternatives in braces");
        out.push_back(pattern);
        return;
    }
    std::vector<std::size_t> cuts{open};
    int depth = 1;
    std::size_t at = open + 1;
    for (; at < pattern.size() && depth > 0; at = behind(pattern, at))
    {
        if (pattern[at] == '{')
            ++depth;
        else if (pattern[at] == '}')
            --depth;
        if ((pattern[at] == ',' && depth == 1) || depth == 0)
            cuts.push_back(at);
    }
    if (depth > 0)
        refuse(whole, "has a { without }");
    for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
        expand(pattern.substr(0, open) + pattern.substr(cuts[i] + 1, cuts[i + 1] - cuts[i] - 1) +
                   pattern.substr(cuts.back() + 1),
               whole, out);
}

std::vector<std::string> split(std::string_view path)
{
    std::vector<std::string> parts;
    std::size_t at = 0;
    while (at <= path.size())
    {
        const std::size_t end = std::min(path.find('/', at), path.size());
        if (const std::string_view part = path.substr(at, end - at); !part.empty() && part != ".")
            parts.emplace_back(part);
        at = end + 1;
    }
    return parts;
}

/// The pattern with its brackets taken as they are; empty if it has none.
std::string withPlainBrackets(std::string_view pattern)
{
    std::string plain;
    bool any = false;
    for (std::size_t at = 0; at < pattern.size();)
    {
        const std::size_t end = behind(pattern, at);
        if (pattern[at] == '[')
            plain += '\\', any = true;
        plain += pattern.substr(at, end - at);
        at = end;
    }
    return any ? plain : std::string();
}

/// Refuses what other globs have and this one would look for by its letters.
void refuseForeign(std::string_view pattern)
{
    if (!pattern.empty() && pattern.front() == '!')
        refuse(pattern, "begins with a '!': give what to leave out in 'exclude', or write \\! for the character");
    for (std::size_t at = 0; at + 1 < pattern.size(); at = behind(pattern, at))
    {
        if (pattern[at + 1] != '(' || std::string_view("!@+?*").find(pattern[at]) == NONE)
            continue;
        const std::size_t end = pattern.find(')', at);
        if (end == NONE)
            continue;
        if (pattern[at] == '!' || pattern.substr(at, end - at).find('|') != NONE)
            refuse(pattern, "has shells' (a|b), which is {a,b} here; what is to be left out goes into 'exclude'");
    }
}

/// One character from `at`, which moves behind it; a byte that is no UTF-8 counts as one.
char32_t nextCharacter(std::string_view text, std::size_t& at)
{
    const auto lead = static_cast<unsigned char>(text[at++]);
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    char32_t character = more == 0 ? lead : lead & (0x3Fu >> more);
    while (more-- > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
        character = character << 6 | (static_cast<unsigned char>(text[at++]) & 0x3Fu);
    return character;
}

char32_t nextInSet(std::string_view pattern, std::size_t& at)
{
    if (pattern[at] == '\\')
        ++at;
    return nextCharacter(pattern, at);
}

/// Whether the set at `pattern[p]` holds `character`; `p` moves behind it.
bool setHolds(std::string_view pattern, std::size_t& p, char32_t character)
{
    const std::size_t end = endOfSet(pattern, p);
    std::size_t i = p + 1;
    const bool negated = pattern[i] == '!' || pattern[i] == '^';
    if (negated)
        ++i;
    bool found = false;
    while (i < end - 1)
    {
        const char32_t low = nextInSet(pattern, i);
        char32_t high = low;
        if (i + 1 < end - 1 && pattern[i] == '-')
        {
            ++i;
            high = nextInSet(pattern, i);
        }
        found = found || (character >= low && character <= high);
    }
    p = end;
    return found != negated;
}

/// One component. On a mismatch only the last '*' is tried again, one character further: earlier ones need not be.
bool matchesName(std::string_view pattern, std::string_view name)
{
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t starPattern = NONE;
    std::size_t starName = 0;
    while (n < name.size())
    {
        std::size_t nextPattern = p;
        std::size_t nextName = n;
        bool fits = false;
        if (p < pattern.size() && pattern[p] == '*')
        {
            starPattern = ++p;
            starName = n;
            continue;
        }
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == '['))
        {
            const char32_t character = nextCharacter(name, nextName);
            fits = pattern[p] == '?' || setHolds(pattern, nextPattern, character);
            if (pattern[p] == '?')
                ++nextPattern;
        }
        else if (p < pattern.size())
        {
            nextPattern = behind(pattern, p);
            fits = pattern[nextPattern - 1] == name[n];
            ++nextName;
        }
        if (fits)
        {
            p = nextPattern;
            n = nextName;
        }
        else if (starPattern != NONE)
        {
            p = starPattern;
            n = ++starName;
        }
        else
            return false;
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

/// Components, with the same way of going back to the last "**".
bool matchesPath(const std::vector<std::string>& pattern, const std::vector<std::string>& path)
{
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t starPattern = NONE;
    std::size_t starPath = 0;
    while (n < path.size())
    {
        if (p < pattern.size() && pattern[p] == "**")
        {
            starPattern = ++p;
            starPath = n;
        }
        else if (p < pattern.size() && matchesName(pattern[p], path[n]))
        {
            ++p;
            ++n;
        }
        else if (starPattern != NONE)
        {
            p = starPattern;
            n = ++starPath;
        }
        else
            return false;
    }
    while (p < pattern.size() && pattern[p] == "**")
        ++p;
    return p == pattern.size();
}

} // namespace

Glob::Glob(std::string_view pattern)
{
    if (pattern.size() > MAX_LENGTH)
        throw Failure(Reason::INVALID, "The glob is too long: at most 1024 bytes.");
    refuseForeign(pattern);
    std::vector<std::string> expanded;
    expand(std::string(pattern), pattern, expanded);
    for (std::size_t i = 0, count = expanded.size(); i < count; ++i)
        if (std::string plain = withPlainBrackets(expanded[i]); !plain.empty())
            expanded.push_back(std::move(plain));
    for (const std::string& alternative : expanded)
    {
        std::vector<std::string> parts = split(alternative);
        if (alternative.find('/') == std::string::npos && alternative != "**")
            parts.insert(parts.begin(), "**");
        for (const std::string& part : parts)
        {
            if (part == "..")
                refuse(pattern, "has a '..': it is relative to where the search begins");
            for (std::size_t at = 0; at < part.size();)
                if ((at = part[at] == '[' ? endOfSet(part, at) : behind(part, at)) == NONE)
                    refuse(pattern, "has a / between [ and ]");
        }
        _alternatives.push_back(std::move(parts));
    }
}

bool Glob::matches(std::string_view relativePath) const
{
    const std::vector<std::string> path = split(relativePath);
    for (const auto& alternative : _alternatives)
        if (matchesPath(alternative, path))
            return true;
    return false;
}

} // namespace tenon::filesystem

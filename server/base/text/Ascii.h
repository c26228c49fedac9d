#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace tenon::base
{

// Small helpers on ASCII text, none of which looks at a locale. Threading: any thread.

[[nodiscard]] constexpr char lowerOf(char letter) noexcept
{
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

[[nodiscard]] inline bool equalsIgnoringCase(std::string_view left, std::string_view right) noexcept
{
    return left == right || // how most names come
           (left.size() == right.size() &&
            std::equal(left.begin(), left.end(), right.begin(),
                       [](char one, char other) { return lowerOf(one) == lowerOf(other); }));
}

[[nodiscard]] inline bool startsWithIgnoringCase(std::string_view text, std::string_view prefix)
{
    return text.size() >= prefix.size() && equalsIgnoringCase(text.substr(0, prefix.size()), prefix);
}

[[nodiscard]] inline std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lowerOf);
    return result;
}

[[nodiscard]] constexpr std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether `text` holds nothing but printable ASCII: fit for a header value or a log line as it stands.
[[nodiscard]] inline bool isPrintable(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char letter) { return letter >= 0x20 && letter < 0x7f; });
}

/// Calls `use` with each trimmed, non-empty item of a comma-separated list, until it returns false.
template <typename Use>
void forEachItem(std::string_view list, Use use)
{
    while (true)
    {
        const auto comma = list.find(',');
        const std::string_view item = trimmed(list.substr(0, comma));
        if (!item.empty() && !use(item))
            return;
        if (comma == std::string_view::npos)
            return;
        list.remove_prefix(comma + 1);
    }
}

} // namespace tenon::base

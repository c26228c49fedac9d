#ifndef TENON_SETTINGS_HPP
#define TENON_SETTINGS_HPP

#include <tenon/codec.hpp>

#include <charconv>
#include <chrono>
#include <cstdlib>

/// How the text of a setting becomes a C++ type: texts, booleans, integers, numbers, described enums, milliseconds, and
/// vectors of these, separated by commas.

namespace tenon::detail
{

inline std::string_view trimmed(std::string_view text)
{
    const auto isSpace = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

template <class T, class Enable = void>
struct SettingReader
{
    static_assert(neverTrue<T>, "a setting is a text, boolean, integer, number, described enum, "
                                "std::chrono::milliseconds or a vector of these");
};

template <>
struct SettingReader<std::string>
{
    static std::string expected() { return "a text"; }
    static std::optional<std::string> read(std::string_view text) { return std::string(text); }
};

template <>
struct SettingReader<bool>
{
    static std::string expected() { return "true or false"; }

    static std::optional<bool> read(std::string_view text)
    {
        for (const char* yes : {"true", "yes", "on", "1"})
            if (text == yes)
                return true;
        for (const char* no : {"false", "no", "off", "0"})
            if (text == no)
                return false;
        return std::nullopt;
    }
};

template <class T>
struct SettingReader<T, ForInteger<T>>
{
    static std::string expected()
    {
        return "an integer from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
               std::to_string(std::numeric_limits<T>::max());
    }

    static std::optional<T> read(std::string_view text)
    {
        T value{};
        const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
        if (end.ec != std::errc() || end.ptr != text.data() + text.size())
            return std::nullopt;
        return value;
    }
};

template <>
struct SettingReader<double>
{
    static std::string expected() { return "a number"; }

    static std::optional<double> read(std::string_view text)
    {
        const std::string copy(text);
        char* end = nullptr;
        const double value = std::strtod(copy.c_str(), &end);
        if (copy.empty() || *end != 0)
            return std::nullopt;
        return value;
    }
};

template <>
struct SettingReader<std::chrono::milliseconds>
{
    static std::string expected() { return "a number of milliseconds"; }

    static std::optional<std::chrono::milliseconds> read(std::string_view text)
    {
        const auto count = SettingReader<int64_t>::read(text);
        if (!count || *count < 0)
            return std::nullopt;
        return std::chrono::milliseconds(*count);
    }
};

template <class E>
struct SettingReader<E, std::enable_if_t<isDescribedEnum<E>>>
{
    static std::string expected() { return "one of " + choiceNames<E>(); }
    static std::optional<E> read(std::string_view text) { return findChoice<E>(text); }
};

template <class T>
struct SettingReader<std::vector<T>>
{
    static std::string expected() { return "a list, separated by commas, each " + SettingReader<T>::expected(); }

    static std::optional<std::vector<T>> read(std::string_view text)
    {
        std::vector<T> items;
        while (!trimmed(text).empty())
        {
            const std::size_t comma = text.find(',');
            std::optional<T> item = SettingReader<T>::read(trimmed(text.substr(0, comma)));
            if (!item)
                return std::nullopt;
            items.push_back(std::move(*item));
            text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
        }
        return items;
    }
};

} // namespace tenon::detail

#endif

#ifndef TENON_SETTINGS_HPP
#define TENON_SETTINGS_HPP

#include <tenon/codec.hpp>

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>

/// How the text of a setting becomes a C++ type, and how a setting is declared to the server:
///
///     std::string                 "text"
///     bool                        "boolean"   true, yes, on, 1 and their opposites
///     integers                    "integer"   within the type's bounds
///     double                      "number"
///     described enum              "choice"
///     std::chrono::milliseconds   "duration"  250, 30s, 5m, 1h; a bare number is milliseconds
///     tenon::ByteSize             "size"      4096, 64k, 4M, 1G (1024 each); a bare number is bytes
///     std::filesystem::path       "path"      relative ones are relative to the settings file that names them
///     std::vector of paths        "paths"     separated by commas, likewise
///     std::vector of these        "list"      separated by commas

namespace tenon
{

/// A setting that counts bytes: "4M" is 4,194,304.
struct ByteSize
{
    uint64_t bytes = 0;
};

namespace detail
{

/// A number and what stands behind it: "30s" is 30 and "s".
inline std::optional<uint64_t> readWithUnit(std::string_view text, const std::pair<std::string_view, uint64_t>* units,
                                            std::size_t count)
{
    uint64_t number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end.ec != std::errc())
        return std::nullopt;
    const std::string_view unit(end.ptr, static_cast<std::size_t>(text.data() + text.size() - end.ptr));
    for (std::size_t at = 0; at < count; ++at)
        if (units[at].first == unit && number <= std::numeric_limits<int64_t>::max() / units[at].second)
            return number * units[at].second;
    return std::nullopt;
}

/// One setting as the manifest declares it.
struct SettingDeclaration
{
    std::string name;
    std::string type;
    std::string defaultValue;
    std::string allowed;
    std::string help;
    bool required = false;

    template <class W>
    void write(W& writer) const
    {
        writer.beginObject().member("name", name).member("type", type);
        if (!required && !defaultValue.empty())
            writer.member("default", defaultValue);
        if (!allowed.empty())
            writer.member("allowed", allowed);
        if (!help.empty())
            writer.member("help", help);
        if (required)
            writer.member("required", true);
        writer.endObject();
    }
};

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
    static_assert(neverTrue<T>, "a setting is a text, boolean, integer, number, described enum, path, ByteSize, "
                                "std::chrono::milliseconds or a vector of these");
};

template <>
struct SettingReader<std::string>
{
    static std::string expected() { return "a text"; }
    static constexpr const char* TYPE = "text";
    static std::string allowed() { return {}; }
    static std::string write(const std::string& value) { return value; }
    static std::optional<std::string> read(std::string_view text) { return std::string(text); }
};

template <>
struct SettingReader<bool>
{
    static std::string expected() { return "true or false"; }
    static constexpr const char* TYPE = "boolean";
    static std::string allowed() { return {}; }
    static std::string write(bool value) { return value ? "true" : "false"; }

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
    static constexpr const char* TYPE = "integer";
    static std::string write(T value) { return std::to_string(value); }

    static std::string allowed()
    {
        return std::to_string(std::numeric_limits<T>::min()) + ".." + std::to_string(std::numeric_limits<T>::max());
    }

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
    static constexpr const char* TYPE = "number";
    static std::string allowed() { return {}; }
    static std::string write(double value) { return toJson(value).text; }

    static std::optional<double> read(std::string_view text)
    {
        const std::string copy(text);
        char* end = nullptr;
        const double value = std::strtod(copy.c_str(), &end);
        // What a double cannot hold would become another number: infinite, or 0.
        const bool vanishes =
            value == 0 && copy.substr(0, copy.find_first_of("eEpP")).find_first_of("123456789") != std::string::npos;
        if (copy.empty() || *end != 0 || !std::isfinite(value) || vanishes)
            return std::nullopt;
        return value;
    }
};

template <>
struct SettingReader<std::chrono::milliseconds>
{
    static constexpr const char* TYPE = "duration";
    static std::string allowed() { return {}; }
    static std::string write(std::chrono::milliseconds value) { return std::to_string(value.count()); }
    static std::string expected() { return "a duration (a number of milliseconds, or 30s, 5m, 1h)"; }

    static std::optional<std::chrono::milliseconds> read(std::string_view text)
    {
        static constexpr std::pair<std::string_view, uint64_t> UNITS[] = {
            {"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 86400 * 1000}};
        const auto count = readWithUnit(text, UNITS, std::size(UNITS));
        if (!count)
            return std::nullopt;
        return std::chrono::milliseconds(static_cast<int64_t>(*count));
    }
};

template <>
struct SettingReader<ByteSize>
{
    static constexpr const char* TYPE = "size";
    static std::string allowed() { return {}; }
    static std::string write(ByteSize value) { return std::to_string(value.bytes); }
    static std::string expected() { return "a size (a number of bytes, or 64k, 4M, 1G)"; }

    static std::optional<ByteSize> read(std::string_view text)
    {
        static constexpr std::pair<std::string_view, uint64_t> UNITS[] = {
            {"", 1}, {"B", 1}, {"k", 1024}, {"K", 1024}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", uint64_t(1) << 40}};
        const auto count = readWithUnit(text, UNITS, std::size(UNITS));
        if (!count)
            return std::nullopt;
        return ByteSize{*count};
    }
};

template <>
struct SettingReader<std::filesystem::path>
{
    static constexpr const char* TYPE = "path";
    static std::string allowed() { return {}; }
    static std::string write(const std::filesystem::path& value)
    {
        const auto text = value.u8string();
        return {text.begin(), text.end()};
    }

    static std::string expected() { return "a path"; }
    static std::optional<std::filesystem::path> read(std::string_view text)
    {
#if defined(__cpp_char8_t)
        return std::filesystem::path(std::u8string(text.begin(), text.end()));
#else
        return std::filesystem::u8path(text.begin(), text.end());
#endif
    }
};

template <class E>
struct SettingReader<E, std::enable_if_t<isDescribedEnum<E>>>
{
    static std::string expected() { return "one of " + choiceNames<E>(); }
    static constexpr const char* TYPE = "choice";
    static std::string write(E value)
    {
        std::string name;
        for (const auto& choice : describe(Type<E>{}).values)
            if (choice.value == value)
                name = choice.name;
        return name;
    }

    static std::string allowed()
    {
        std::string names;
        for (const auto& choice : describe(Type<E>{}).values)
            names += (names.empty() ? "" : "|") + std::string(choice.name);
        return names;
    }

    static std::optional<E> read(std::string_view text) { return findChoice<E>(text); }
};

template <class T>
struct SettingReader<std::vector<T>>
{
    static constexpr const char* TYPE = std::is_same_v<T, std::filesystem::path> ? "paths" : "list";
    static std::string allowed() { return {}; }
    static std::string expected() { return "a list, separated by commas, each " + SettingReader<T>::expected(); }

    static std::string write(const std::vector<T>& items)
    {
        std::string text;
        for (const T& item : items)
            text += (text.empty() ? "" : ",") + SettingReader<T>::write(item);
        return text;
    }

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

/// Whether a setting's value is one of paths, which the host can make absolute.
template <class T>
inline constexpr bool isPath =
    std::is_same_v<T, std::filesystem::path> || std::is_same_v<T, std::vector<std::filesystem::path>>;

/// "1..100": whether `value` lies within, either end may be missing.
inline bool isWithin(double value, std::string_view range)
{
    const std::size_t dots = range.find("..");
    if (dots == std::string_view::npos)
        return true;
    const std::string low(range.substr(0, dots));
    const std::string high(range.substr(dots + 2));
    return (low.empty() || value >= std::strtod(low.c_str(), nullptr)) &&
           (high.empty() || value <= std::strtod(high.c_str(), nullptr));
}

} // namespace detail

} // namespace tenon

#endif

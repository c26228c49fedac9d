#include "base/settings/SettingText.h"

#include "base/text/Quantity.h"

#include <Poco/NumberParser.h>
#include <Poco/Path.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tenon::base
{

namespace
{

constexpr std::int64_t MEGABYTE = 1 << 20;

/// Units stand in the names of keys, so every key that has one is written with units.
enum class Measure
{
    NONE,
    MILLISECONDS,
    BYTES,
    MEGABYTES
};

Measure measureOf(const SettingSpec& spec)
{
    if (spec.type == SettingType::DURATION)
        return Measure::MILLISECONDS;
    if (spec.type == SettingType::SIZE)
        return Measure::BYTES;
    if (spec.type != SettingType::INTEGER)
        return Measure::NONE;
    return spec.key.ends_with("Ms")      ? Measure::MILLISECONDS
           : spec.key.ends_with("Bytes") ? Measure::BYTES
           : spec.key.ends_with("Mb")    ? Measure::MEGABYTES
                                         : Measure::NONE;
}

/// "1..65535": whether `number` lies within, either end may be missing.
bool inRange(double number, std::string_view range)
{
    const auto dots = range.find("..");
    if (dots == std::string_view::npos)
        return true;
    const std::string low(range.substr(0, dots)), high(range.substr(dots + 2));
    return (low.empty() || number >= Poco::NumberParser::parseFloat(low)) &&
           (high.empty() || number <= Poco::NumberParser::parseFloat(high));
}

/// The integer that `text` stands for; false if it is none.
bool readInteger(Measure measure, const std::string& text, std::int64_t& number)
{
    std::optional<std::int64_t> read;
    switch (measure)
    {
    case Measure::NONE:
        return readNumber(text, number);
    case Measure::MILLISECONDS:
        read = durationMs(text);
        break;
    case Measure::BYTES:
        read = sizeBytes(text);
        break;
    case Measure::MEGABYTES:
        // Less than one is not nothing: 0 is often "no limit".
        if (read = sizeBytes(text, MEGABYTE); read && *read % MEGABYTE != 0)
            read.reset();
        if (read)
            *read /= MEGABYTE;
        break;
    }
    number = read.value_or(0);
    return read.has_value();
}

std::string absolute(const std::string& path, const std::string& folder)
{
    const Poco::Path base = folder.empty() ? Poco::Path::current() : folder;
    return Poco::Path(path).makeAbsolute(base).toString();
}

/// The value of somebody who is used to shells; a text of a plugin may well be in quotes.
bool isQuoted(const SettingSpec& spec, const std::string& text)
{
    if (spec.key.ends_with("**") || spec.key.ends_with(".command")) // in a command line they keep blanks
        return false;
    return text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
}

} // namespace

bool readNumber(const std::string& text, std::int64_t& number)
{
    // Strict, unlike POCO's parser as it comes, to which "1,2" is 12.
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc() && result.ptr == end;
}

bool readNumber(const std::string& text, double& number)
{
    return Poco::NumberParser::tryParseFloat(text, number, '.', '\0') && std::isfinite(number);
}

bool readBoolean(const std::string& text, bool& flag)
{
    return Poco::NumberParser::tryParseBool(text, flag);
}

std::vector<std::string> splitList(std::string_view text, char separator)
{
    const Poco::StringTokenizer tokens(std::string(text), std::string(1, separator),
                                       Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    return {tokens.begin(), tokens.end()};
}

std::string_view describeType(const SettingSpec& spec)
{
    switch (measureOf(spec))
    {
    case Measure::MILLISECONDS:
        return "duration";
    case Measure::BYTES:
    case Measure::MEGABYTES:
        return "size";
    case Measure::NONE:
        break;
    }
    switch (spec.type)
    {
    case SettingType::INTEGER:
        return "integer";
    case SettingType::NUMBER:
        return "number";
    case SettingType::BOOLEAN:
        return "true or false";
    case SettingType::LIST:
        return "comma-separated";
    case SettingType::PATH:
        return "path";
    case SettingType::PATHS:
        return "comma-separated paths";
    default:
        return "";
    }
}

bool normalSetting(const SettingSpec& spec, const std::string& text, const std::string& folder, std::string& form)
{
    const std::string range = spec.allowed.empty() ? "" : " in " + std::string(spec.allowed);
    form = text;
    if (isQuoted(spec, text))
    {
        form = "without quotes: " + text.substr(1, text.size() - 2);
        return false;
    }
    const bool isPath = spec.type == SettingType::PATH || spec.type == SettingType::PATHS;
    const auto isControl = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; };
    if (isPath && std::any_of(text.begin(), text.end(), isControl))
    {
        form = "a path without control characters (in a settings file \\\\ stands for a backslash)";
        return false;
    }
    switch (spec.type)
    {
    case SettingType::INTEGER:
    case SettingType::DURATION:
    case SettingType::SIZE:
    {
        std::int64_t number = 0;
        const Measure measure = measureOf(spec);
        if (readInteger(measure, text, number) && inRange(static_cast<double>(number), spec.allowed))
        {
            form = std::to_string(number);
            return true;
        }
        form = measure == Measure::NONE           ? "an integer"
               : measure == Measure::MILLISECONDS ? "a duration (30s, 5m, 1h, or milliseconds)"
               : measure == Measure::BYTES        ? "a size (64k, 4M, 1G, or bytes)"
                                                  : "a size (256M, 1G, or megabytes)";
        form += range;
        return false;
    }
    case SettingType::NUMBER:
    {
        double number = 0;
        if (readNumber(text, number) && inRange(number, spec.allowed))
            return true;
        form = "a number" + range;
        return false;
    }
    case SettingType::BOOLEAN:
    {
        bool flag = false;
        if (readBoolean(text, flag))
            return true;
        form = "true or false";
        return false;
    }
    case SettingType::CHOICE:
    {
        const auto choices = splitList(spec.allowed, '|');
        if (std::find(choices.begin(), choices.end(), text) != choices.end())
            return true;
        form = "one of " + Poco::replace(std::string(spec.allowed), "|", ", ");
        return false;
    }
    case SettingType::PATH:
        if (!text.empty())
            form = absolute(text, folder);
        return true;
    case SettingType::PATHS:
        form.clear();
        for (const auto& path : splitList(text))
            form += (form.empty() ? "" : ",") + absolute(path, folder);
        return true;
    case SettingType::TEXT:
    case SettingType::LIST:
        return true;
    }
    return true;
}

bool matchesKey(std::string_view pattern, std::string_view key)
{
    while (true)
    {
        const auto patternDot = pattern.find('.');
        const auto keyDot = key.find('.');
        const auto part = pattern.substr(0, patternDot);
        if (part == "**")
            return !key.empty();
        if (part != "*" && part != key.substr(0, keyDot))
            return false;
        const bool patternEnds = patternDot == std::string_view::npos;
        const bool keyEnds = keyDot == std::string_view::npos;
        if (patternEnds || keyEnds)
            return patternEnds && keyEnds;
        pattern.remove_prefix(patternDot + 1);
        key.remove_prefix(keyDot + 1);
    }
}

} // namespace tenon::base

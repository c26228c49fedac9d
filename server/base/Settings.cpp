#include "base/Settings.h"

#include "base/SettingsException.h"
#include "base/SettingsFile.h"

#include <Poco/Exception.h>
#include <Poco/NumberParser.h>
#include <Poco/Path.h>
#include <Poco/String.h>
#include <Poco/StringTokenizer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

namespace tenon::base
{

namespace
{

std::vector<std::string> split(std::string_view text, char separator)
{
    const Poco::StringTokenizer tokens(std::string(text), std::string(1, separator),
                                       Poco::StringTokenizer::TOK_TRIM | Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    return {tokens.begin(), tokens.end()};
}

/// Whether `key` is one that `pattern` stands for.
bool matches(std::string_view pattern, std::string_view key)
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

/// How many letters must change to make `left` into `right`.
std::size_t distance(std::string_view left, std::string_view right)
{
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t column = 0; column < row.size(); ++column)
        row[column] = column;
    for (std::size_t line = 1; line <= left.size(); ++line)
    {
        std::size_t diagonal = row[0];
        row[0] = line;
        for (std::size_t column = 1; column < row.size(); ++column)
        {
            const std::size_t above = row[column];
            row[column] = std::min(
                {above + 1, row[column - 1] + 1,
                 diagonal + (Poco::Ascii::toLower(left[line - 1]) == Poco::Ascii::toLower(right[column - 1]) ? 0 : 1)});
            diagonal = above;
        }
    }
    return row.back();
}

std::string nearest(std::string_view key, const std::vector<SettingSpec>& specs)
{
    std::string best;
    std::size_t bestDistance = std::numeric_limits<std::size_t>::max();
    for (const auto& spec : specs)
    {
        if (spec.key.ends_with("**"))
            continue;
        // A pattern takes over the segments that its stars stand for, so that "plugin.clock.prefx" finds its neighbour.
        std::string candidate(spec.key);
        const auto ours = split(candidate, '.');
        const auto theirs = split(key, '.');
        if (candidate.find('*') != std::string::npos && ours.size() == theirs.size())
        {
            candidate.clear();
            for (std::size_t at = 0; at < ours.size(); ++at)
                candidate += (at ? "." : "") + (ours[at] == "*" ? theirs[at] : ours[at]);
        }
        const std::size_t far = distance(key, candidate);
        if (far < bestDistance)
        {
            bestDistance = far;
            best = candidate;
        }
    }
    return best;
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

/// Strict, unlike POCO's parser as it comes, to which "1,2" is 12.
bool parseNumber(const std::string& text, std::int64_t& number)
{
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number);
    return result.ec == std::errc() && result.ptr == end;
}

bool parseNumber(const std::string& text, double& number)
{
    return Poco::NumberParser::tryParseFloat(text, number, '.', '\0') && std::isfinite(number);
}

bool parseBoolean(const std::string& text, bool& flag)
{
    return Poco::NumberParser::tryParseBool(text, flag);
}

/// What is wrong with `text` as a value of `spec`; empty if nothing is.
std::string faultOf(const std::string& text, const SettingSpec& spec)
{
    const std::string range = spec.allowed.empty() ? "" : " in " + std::string(spec.allowed);
    switch (spec.type)
    {
    case SettingType::INTEGER:
    {
        std::int64_t number = 0;
        if (!parseNumber(text, number) || !inRange(static_cast<double>(number), spec.allowed))
            return "an integer" + range;
        return {};
    }
    case SettingType::NUMBER:
    {
        double number = 0;
        if (!parseNumber(text, number) || !inRange(number, spec.allowed))
            return "a number" + range;
        return {};
    }
    case SettingType::BOOLEAN:
    {
        bool flag = false;
        return parseBoolean(text, flag) ? "" : "true or false";
    }
    case SettingType::CHOICE:
    {
        const auto choices = split(spec.allowed, '|');
        if (std::find(choices.begin(), choices.end(), text) == choices.end())
            return "one of " + Poco::replace(std::string(spec.allowed), "|", ", ");
        return {};
    }
    case SettingType::TEXT:
    case SettingType::PATH:
    case SettingType::PATHS:
    case SettingType::LIST:
        return {};
    }
    return {};
}

/// Paths, made absolute; other values as they are.
std::string absolute(const std::string& text, const std::string& folder, SettingType type)
{
    const Poco::Path base = folder.empty() ? Poco::Path::current() : folder;
    if (type == SettingType::PATH && !text.empty())
        return Poco::Path(text).makeAbsolute(base).toString();
    if (type != SettingType::PATHS)
        return text;
    std::string paths;
    for (const auto& path : split(text, ','))
        paths += (paths.empty() ? "" : ",") + Poco::Path(path).makeAbsolute(base).toString();
    return paths;
}

std::string environmentName(std::string_view key)
{
    std::string name = "TENON_";
    for (const char letter : key)
    {
        if (letter == '.' || letter == '-')
            name += '_';
        else
        {
            // "maxThreads" is MAX_THREADS as well as MAXTHREADS would be; one form is enough: no separator.
            name += Poco::Ascii::isAlphaNumeric(letter) ? static_cast<char>(Poco::Ascii::toUpper(letter)) : '_';
        }
    }
    return name;
}

} // namespace

SettingsPtr Settings::load(const Sources& sources, std::vector<SettingSpec> specs)
{
    std::shared_ptr<Settings> settings(new Settings);
    settings->_specs = std::move(specs);
    if (!sources.file.empty())
        settings->_values = readSettingsFile(sources.file);

    std::string faults;
    std::map<std::string, std::string_view> byEnvironment;
    for (const auto& spec : settings->_specs)
        if (spec.key.find('*') == std::string_view::npos)
            byEnvironment[environmentName(spec.key)] = spec.key;
    for (const auto& [name, value] : sources.environment)
    {
        const auto key = byEnvironment.find(name);
        if (key != byEnvironment.end())
            settings->_values[std::string(key->second)] = {value, name, {}};
    }
    for (const auto& [key, value] : sources.commandLine)
        settings->_values[key] = {value, "--" + key, {}};

    for (auto& [key, value] : settings->_values)
    {
        const SettingSpec* spec = settings->specOf(key);
        if (!spec)
        {
            faults += value.origin + ": unknown setting '" + key + "'";
            const std::string known = nearest(key, settings->_specs);
            faults += known.empty() ? "\n" : "; the nearest known one is '" + known + "'\n";
            continue;
        }
        const std::string expected = faultOf(value.text, *spec);
        if (!expected.empty())
            faults += value.origin + ": '" + key + "' must be " + expected + ", but is '" + value.text + "'\n";
        else
            value.text = absolute(value.text, value.folder, spec->type);
    }
    if (!faults.empty())
        throw SettingsException(Poco::trimRight(faults));
    return settings;
}

SettingsPtr Settings::of(std::map<std::string, std::string> values, std::vector<SettingSpec> specs)
{
    return load({{}, std::move(values), {}}, std::move(specs));
}

const SettingSpec* Settings::specOf(std::string_view key) const
{
    const SettingSpec* pattern = nullptr;
    for (const auto& spec : _specs)
    {
        if (spec.key == key)
            return &spec;
        // The pattern with the longest text is the closest one: "plugin.*.isolation" before "plugin.*.**".
        if (spec.key.find('*') != std::string_view::npos && matches(spec.key, key) &&
            (!pattern || pattern->key.ends_with("**") || spec.key.size() > pattern->key.size()))
            if (!pattern || !spec.key.ends_with("**"))
                pattern = &spec;
    }
    return pattern;
}

std::string Settings::text(std::string_view key) const
{
    const auto value = _values.find(key);
    if (value != _values.end())
        return value->second.text;
    const SettingSpec* spec = specOf(key);
    if (!spec)
        throw Poco::BugcheckException("no room declares the setting", std::string(key));
    return absolute(std::string(spec->defaultValue), {}, spec->type);
}

std::int64_t Settings::integer(std::string_view key) const
{
    std::int64_t number = 0;
    if (!parseNumber(text(key), number))
        throw Poco::BugcheckException("no integer is the setting", std::string(key));
    return number;
}

double Settings::number(std::string_view key) const
{
    double number = 0;
    if (!parseNumber(text(key), number))
        throw Poco::BugcheckException("no number is the setting", std::string(key));
    return number;
}

bool Settings::boolean(std::string_view key) const
{
    bool flag = false;
    return parseBoolean(text(key), flag) && flag;
}

std::vector<std::string> Settings::list(std::string_view key) const
{
    return split(text(key), ',');
}

bool Settings::isSet(std::string_view key) const
{
    return _values.find(key) != _values.end();
}

std::map<std::string, std::string> Settings::under(std::string_view prefix) const
{
    std::map<std::string, std::string> found;
    for (auto at = _values.lower_bound(prefix); at != _values.end() && at->first.starts_with(prefix); ++at)
        found.emplace(at->first.substr(prefix.size()), at->second.text);
    return found;
}

std::vector<std::string> Settings::namesUnder(std::string_view prefix) const
{
    std::set<std::string> names;
    for (const auto& [key, value] : under(prefix))
        names.insert(key.substr(0, key.find('.')));
    return {names.begin(), names.end()};
}

} // namespace tenon::base

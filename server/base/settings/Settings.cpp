#include "base/settings/Settings.h"

#include "base/settings/EnvironmentSettings.h"
#include "base/settings/SettingFaults.h"
#include "base/settings/SettingText.h"
#include "base/settings/SettingsException.h"
#include "base/settings/SettingsFile.h"
#include "base/text/NearestName.h"

#include <Poco/Exception.h>
#include <Poco/Path.h>

#include <set>

namespace tenon::base
{

namespace
{

/// The key that was probably meant; empty: there is none like it.
std::string nearestKey(std::string_view key, const std::vector<SettingSpec>& specs)
{
    NearestName nearest(key);
    nearest.consider("include");
    for (const auto& spec : specs)
    {
        if (spec.key.ends_with("**"))
            continue;
        // A pattern takes over the segments that its stars stand for, so that "plugin.clock.prefx" finds its neighbour.
        std::string candidate(spec.key);
        if (key.find('.') == std::string_view::npos && candidate.ends_with('.' + std::string(key)) &&
            candidate.find('*') == std::string::npos)
            return candidate; // its room was left out
        const auto ours = splitList(candidate, '.');
        const auto theirs = splitList(key, '.');
        if (candidate.find('*') != std::string::npos && ours.size() == theirs.size())
        {
            candidate.clear();
            for (std::size_t at = 0; at < ours.size(); ++at)
                candidate += (at ? "." : "") + (ours[at] == "*" ? theirs[at] : ours[at]);
        }
        nearest.consider(candidate);
    }
    return nearest.distance() <= key.size() / 2 ? nearest.name() : std::string();
}

} // namespace

SettingsPtr Settings::load(const Sources& sources, std::vector<SettingSpec> specs)
{
    SettingFaults faults(sources.file);
    SettingsPtr settings = load(sources, std::move(specs), faults);
    faults.raise();
    return settings;
}

SettingsPtr Settings::load(const Sources& sources, std::vector<SettingSpec> specs, SettingFaults& faults)
{
    std::shared_ptr<Settings> settings(new Settings);
    settings->_specs = std::move(specs);
    if (!sources.file.empty())
        settings->_values = readSettingsFile(sources.file, faults);

    EnvironmentSettings(settings->_specs).apply(sources.environment, settings->_values, faults);
    for (const auto& [key, value] : sources.commandLine)
        settings->_values[key] = {value, "--" + key, {}};

    for (const auto& [key, value] : settings->_values)
        if (!value.folder.empty() && value.text.find(" # ") != std::string::npos)
            faults.warn(value.origin + ": '" + key +
                        "' contains ' # ', which begins no comment there: comments have lines of their own");
    for (auto at = settings->_values.begin(); at != settings->_values.end();)
        at = settings->bringToForm(at->first, at->second, faults) ? std::next(at) : settings->_values.erase(at);
    return settings;
}

bool Settings::bringToForm(const std::string& key, SettingValue& value, SettingFaults& faults) const
{
    const SettingSpec* spec = specOf(key);
    if (!spec)
    {
        const std::string known = nearestKey(key, _specs);
        faults.add(known.empty() ? std::vector{key} : std::vector{key, known},
                   value.origin + ": unknown setting '" + key + "'" +
                       (known.empty() ? "" : "; the nearest known one is '" + known + "'"));
        return false;
    }
    std::string form;
    if (normalSetting(*spec, value.text, value.folder, form))
    {
        value.text = form;
        return true;
    }
    faults.add({key}, value.origin + ": '" + key + "' must be " + form + ", but is '" + value.text + "'");
    return false;
}

SettingsPtr Settings::without(std::string_view key) const
{
    std::shared_ptr<Settings> others(new Settings(*this));
    if (const auto value = others->_values.find(key); value != others->_values.end())
        others->_values.erase(value);
    return others;
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
        if (spec.key.find('*') != std::string_view::npos && matchesKey(spec.key, key) &&
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
    std::string form;
    if (!normalSetting(*spec, std::string(spec->defaultValue), {}, form))
        throw Poco::BugcheckException("the default of the setting is not " + form, std::string(key));
    return form;
}

std::int64_t Settings::integer(std::string_view key) const
{
    std::int64_t number = 0;
    if (!readNumber(text(key), number))
        throw Poco::BugcheckException("not an integer setting", std::string(key));
    return number;
}

double Settings::number(std::string_view key) const
{
    double number = 0;
    if (!readNumber(text(key), number))
        throw Poco::BugcheckException("not a number setting", std::string(key));
    return number;
}

bool Settings::boolean(std::string_view key) const
{
    bool flag = false;
    return readBoolean(text(key), flag) && flag;
}

std::vector<std::string> Settings::list(std::string_view key) const
{
    return splitList(text(key));
}

std::string Settings::origin(std::string_view key) const
{
    const auto value = _values.find(key);
    return value == _values.end() ? std::string() : value->second.origin;
}

std::string Settings::at(std::string_view key) const
{
    const std::string where = origin(key);
    return (where.empty() ? "" : where + ": ") + "'" + std::string(key) + "'";
}

void Settings::refuse(std::string_view key, const std::string& why) const
{
    throw SettingsException(at(key) + ' ' + why);
}

std::string Settings::folderOf(std::string_view key) const
{
    const auto value = _values.find(key);
    return value == _values.end() || value->second.folder.empty() ? Poco::Path::current() : value->second.folder;
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

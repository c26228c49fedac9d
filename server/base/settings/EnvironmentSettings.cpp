#include "base/settings/EnvironmentSettings.h"

#include "base/text/Ascii.h"

#include <Poco/Ascii.h>

#include <algorithm>

namespace tenon::base
{

namespace
{

constexpr std::string_view PREFIX = "TENON_";
constexpr std::size_t SLIP = 2; ///< letters by which the name of a setting is still meant

std::string upper(std::string_view text, bool words)
{
    std::string name;
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        const auto letter = static_cast<unsigned char>(text[at]);
        const bool begins =
            at > 0 && Poco::Ascii::isUpper(letter) && !Poco::Ascii::isUpper(static_cast<unsigned char>(text[at - 1]));
        if (words && begins && text[at - 1] != '.')
            name += '_';
        name += Poco::Ascii::isAlphaNumeric(letter) ? static_cast<char>(Poco::Ascii::toUpper(letter)) : '_';
    }
    return name;
}

/// What the star of `pattern` stands for in `name`; empty if the name is not of the pattern.
std::string starOf(std::string_view pattern, std::string_view name, bool words)
{
    const auto star = pattern.find('*');
    const std::string head = std::string(PREFIX) + upper(pattern.substr(0, star), words);
    const std::string tail = upper(pattern.substr(star + 1), words);
    if (name.size() <= head.size() + tail.size() || !name.starts_with(head) || !name.ends_with(tail))
        return {};
    return lowered(name.substr(head.size(), name.size() - head.size() - tail.size()));
}

} // namespace

std::string EnvironmentSettings::nameOf(std::string_view key)
{
    return std::string(PREFIX) + upper(key, true);
}

EnvironmentSettings::EnvironmentSettings(const std::vector<SettingSpec>& specs) : _specs(specs)
{
    for (const SettingSpec& spec : specs)
    {
        const std::string room = std::string(PREFIX) + upper(spec.key.substr(0, spec.key.find('.')), true) + '_';
        if (spec.key.find('.') != std::string_view::npos &&
            std::find(_rooms.begin(), _rooms.end(), room) == _rooms.end())
            _rooms.push_back(room);
        if (spec.key.find('*') != std::string_view::npos)
            continue;
        _keys.emplace(nameOf(spec.key), spec.key);
        _keys.emplace(std::string(PREFIX) + upper(spec.key, false), spec.key);
    }
}

std::string EnvironmentSettings::keyOf(const std::string& name) const
{
    if (const auto key = _keys.find(name); key != _keys.end())
        return std::string(key->second);
    std::string key;
    std::size_t closest = 0; // "log.level.plugin.*" before "log.level.*"
    for (const SettingSpec& spec : _specs)
    {
        const auto star = spec.key.find('*');
        // More than one star, or one for any rest: there is no telling where a name ends.
        if (star == std::string_view::npos || spec.key.find('*', star + 1) != std::string_view::npos ||
            spec.key.size() <= closest)
            continue;
        std::string found = starOf(spec.key, name, true);
        if (found.empty())
            found = starOf(spec.key, name, false);
        if (found.empty())
            continue;
        key = std::string(spec.key.substr(0, star)) + found + std::string(spec.key.substr(star + 1));
        closest = spec.key.size();
    }
    return key;
}

bool EnvironmentSettings::isOfARoom(std::string_view name) const
{
    return std::any_of(_rooms.begin(), _rooms.end(), [&](const std::string& room) { return name.starts_with(room); });
}

std::string EnvironmentSettings::unknown(const std::string& name) const
{
    const bool own =
        std::any_of(_specs.begin(), _specs.end(),
                    [&](const SettingSpec& spec)
                    {
                        const auto star = spec.key.find('*');
                        return spec.key.ends_with("**") && name.starts_with(nameOf(spec.key.substr(0, star)));
                    });
    if (own) // what a plugin calls its settings is not known here, nor where its name ends
        return name + ": the environment sets only what the server itself reads of a plugin (" +
               nameOf("plugin.clock.prefix") +
               "); write plugin.NAME.KEY = VALUE in the settings file, or --plugin.NAME.KEY=VALUE on the command line";
    return name + ": unknown setting; the nearest known one is " + nearest(name).name();
}

NearestName EnvironmentSettings::nearest(const std::string& name) const
{
    NearestName nearest(name);
    for (const auto& [known, key] : _keys)
        if (known == nameOf(key))
            nearest.consider(known);
    return nearest;
}

void EnvironmentSettings::apply(const std::map<std::string, std::string>& environment,
                                std::map<std::string, SettingValue, std::less<>>& values, SettingFaults& faults) const
{
    std::map<std::string, std::string> given; // key to the variable
    for (const auto& [name, value] : environment)
    {
        const std::string key = keyOf(name);
        if (key.empty())
        {
            if (isOfARoom(name) || (name.starts_with(PREFIX) && nearest(name).distance() <= SLIP))
                faults.add({}, unknown(name));
            continue;
        }
        const auto [other, isNew] = given.emplace(key, name);
        if (!isNew)
            faults.add({}, name + ": '" + key + "' is set twice, by " + other->second + " too; remove one");
        values[key] = {value, name, {}};
    }
}

} // namespace tenon::base

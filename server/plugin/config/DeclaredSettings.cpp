#include "plugin/config/DeclaredSettings.h"

#include "base/json/JsonDocument.h"
#include "base/settings/SettingText.h"
#include "base/settings/SettingsException.h"
#include "base/text/NearestName.h"

#include <Poco/Exception.h>
#include <Poco/String.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace tenon::plugin
{

namespace
{

using base::SettingType;

constexpr std::array<std::pair<std::string_view, SettingType>, 10> TYPES = {{{"text", SettingType::TEXT},
                                                                             {"boolean", SettingType::BOOLEAN},
                                                                             {"integer", SettingType::INTEGER},
                                                                             {"number", SettingType::NUMBER},
                                                                             {"choice", SettingType::CHOICE},
                                                                             {"duration", SettingType::DURATION},
                                                                             {"size", SettingType::SIZE},
                                                                             {"path", SettingType::PATH},
                                                                             {"paths", SettingType::PATHS},
                                                                             {"list", SettingType::LIST}}};

/// The server's own keys begin so; the last of them leaves everything else to the plugin.
constexpr std::string_view ANY_PLUGIN = "plugin.*.";
constexpr std::string_view THE_PLUGINS_OWN = "plugin.*.**";

SettingType typeOf(std::string_view name)
{
    for (const auto& [known, type] : TYPES)
        if (known == name)
            return type;
    throw Poco::InvalidArgumentException("its manifest declares a setting of the unknown type '" + std::string(name) +
                                         "'");
}

DeclaredSettings::Key readKey(const base::JsonDocument::Element& declared)
{
    DeclaredSettings::Key key;
    key.name = base::textMember(declared, "name");
    if (key.name.empty())
        throw Poco::InvalidArgumentException("its manifest declares a setting without a name");
    key.type = typeOf(base::textMember(declared, "type"));
    key.defaultValue = base::textMember(declared, "default");
    key.allowed = base::textMember(declared, "allowed");
    key.help = base::textMember(declared, "help");
    base::JsonDocument::Element required;
    bool flag = false;
    key.required = base::findMember(declared, "required", required) && required.get(flag) == simdjson::SUCCESS && flag;
    return key;
}

base::SettingSpec specOf(const DeclaredSettings::Key& key)
{
    return {key.name, key.type, key.defaultValue, key.allowed, key.help};
}

/// Whether the server itself reads `plugin.<name>.<key>`.
bool isServers(const base::Settings& settings, const std::string& key)
{
    for (const auto& spec : settings.specs())
        if (spec.key.starts_with(ANY_PLUGIN) && spec.key != THE_PLUGINS_OWN &&
            base::matchesKey(spec.key.substr(ANY_PLUGIN.size()), key))
            return true;
    return false;
}

} // namespace

std::optional<DeclaredSettings> DeclaredSettings::parse(const std::string& manifest)
{
    const auto document = base::JsonDocument::parse(manifest);
    base::JsonDocument::Element member;
    if (!base::findMember(document->root(), "settings", member))
        return std::nullopt;
    simdjson::dom::array list;
    if (member.get(list) != simdjson::SUCCESS)
        throw Poco::InvalidArgumentException("the settings that its manifest declares are not an array");
    DeclaredSettings declared;
    for (const auto& key : list)
        declared._keys.push_back(readKey(key));
    return declared;
}

const DeclaredSettings::Key* DeclaredSettings::find(std::string_view key) const
{
    const Key* pattern = nullptr;
    for (const Key& known : _keys)
    {
        if (known.name == key)
            return &known;
        if (base::matchesKey(known.name, key))
            pattern = &known;
    }
    return pattern;
}

std::string DeclaredSettings::nearest(const base::Settings& settings, const std::string& plugin,
                                      const std::string& key) const
{
    base::NearestName name("plugin." + plugin + '.' + key);
    const auto consider = [&](std::string_view known)
    {
        if (known.find('*') == std::string_view::npos)
            name.consider("plugin." + plugin + '.' + std::string(known));
    };
    for (const Key& known : _keys)
        consider(known.name);
    for (const auto& spec : settings.specs())
        if (spec.key.starts_with(ANY_PLUGIN))
            consider(spec.key.substr(ANY_PLUGIN.size()));
    return name.name();
}

std::string DeclaredSettings::faults(const base::Settings& settings, const std::string& plugin) const
{
    const std::string prefix = "plugin." + plugin + '.';
    std::string faults;
    for (const auto& [key, value] : settings.under(prefix))
    {
        const Key* known = find(key);
        std::string form;
        if (!known && !isServers(settings, key))
            faults += settings.at(prefix + key) +
                      " is unknown to the plugin and to the server; the nearest known one is '" +
                      nearest(settings, plugin, key) + "'\n";
        else if (known && !base::normalSetting(specOf(*known), value, settings.folderOf(prefix + key), form))
            faults += settings.at(prefix + key) + " must be " + form + ", but is '" + value + "'\n";
    }
    return faults;
}

std::string DeclaredSettings::missing(const base::Settings& settings, const std::string& plugin) const
{
    std::string names;
    for (const Key& key : _keys)
        if (const std::string full = "plugin." + plugin + '.' + key.name; key.required && !settings.isSet(full))
            names += (names.empty() ? "" : ", ") + full;
    return names;
}

std::string DeclaredSettings::text(const std::string& plugin) const
{
    std::string text;
    for (const Key& key : _keys)
    {
        const base::SettingSpec spec = specOf(key);
        std::string note(base::describeType(spec));
        if (!key.allowed.empty())
            note += (note.empty() ? "" : ", ") + key.allowed;
        if (key.required)
            note += note.empty() ? "required" : "; required";
        text += "# " + key.help + (note.empty() ? "" : " (" + note + ")") + "\n#plugin." + plugin + '.' + key.name +
                " = " + key.defaultValue + "\n\n";
    }
    return text;
}

void requireDeclaredSettings(const base::Settings& settings, const std::string& plugin, const std::string& manifest)
{
    const auto declared = DeclaredSettings::parse(manifest);
    if (!declared)
        return;
    if (const std::string faults = declared->faults(settings, plugin); !faults.empty())
        throw base::SettingsException(Poco::trimRight(faults));
    if (const std::string missing = declared->missing(settings, plugin); !missing.empty())
        throw Poco::InvalidArgumentException("it needs " + missing + ", which is not set");
}

std::vector<std::string> settingsOfNobody(const base::Settings& settings, const std::vector<std::string>& plugins)
{
    std::vector<std::string> lines;
    for (const std::string& name : settings.namesUnder("plugin."))
    {
        if (std::find(plugins.begin(), plugins.end(), name) != plugins.end() ||
            settings.isSet("attach." + name + ".users")) // a program that may come has settings, too
            continue;
        base::NearestName nearest(name);
        for (const std::string& known : plugins)
            nearest.consider(known);
        const std::string key = "plugin." + name + '.' + settings.under("plugin." + name + '.').begin()->first;
        lines.push_back(settings.at(key) + " is for a plugin that is not there, '" + name + "'" +
                        (nearest.name().empty() ? "" : "; the nearest one is '" + nearest.name() + "'"));
    }
    return lines;
}

} // namespace tenon::plugin

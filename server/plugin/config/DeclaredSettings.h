#pragma once

#include "base/settings/Settings.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// The keys below `plugin.<name>.` that a plugin says it reads, in the member `settings` of its manifest.
///
/// Threading: one thread at a time; immutable after `parse`.
class DeclaredSettings
{
public:
    struct Key
    {
        std::string name; ///< below `plugin.<name>.`; a segment `*` stands for any one
        base::SettingType type = base::SettingType::TEXT;
        std::string defaultValue; ///< as the settings file would have it
        std::string allowed;
        std::string help;
        bool required = false;
    };

    /// Shape:  `manifest` is the plugin's, a JSON object. Nothing if it has no such member: the plugin then takes any key.
    /// Errors: Poco::InvalidArgumentException that says what is wrong with the declaration.
    [[nodiscard]] static std::optional<DeclaredSettings> parse(const std::string& manifest);

    [[nodiscard]] const std::vector<Key>& keys() const { return _keys; }

    /// What is wrong with what was set for `plugin`, a line each: keys that neither it nor the server knows, with the
    /// nearest that they do, and values that do not fit. Empty if all is well.
    [[nodiscard]] std::string faults(const base::Settings& settings, const std::string& plugin) const;

    /// The required keys that are not set, separated by commas; empty if there are none.
    [[nodiscard]] std::string missing(const base::Settings& settings, const std::string& plugin) const;

    /// As a part of a settings file: every key with its default and its explanation, all commented out.
    [[nodiscard]] std::string text(const std::string& plugin) const;

private:
    [[nodiscard]] const Key* find(std::string_view key) const;
    [[nodiscard]] std::string nearest(const base::Settings& settings, const std::string& plugin,
                                      const std::string& key) const;

    std::vector<Key> _keys;
};

/// Checks the settings for `plugin` against what its manifest declares, before it starts.
///
/// Errors: base's SettingsException with a line for each fault, which ends the start of the server; Poco::InvalidArgumentException if
///         something that it requires is not set.
void requireDeclaredSettings(const base::Settings& settings, const std::string& plugin, const std::string& manifest);

/// Says which settings are for plugins that are not there, a line each with the nearest name; `plugins` are those that are.
/// Programs that may attach are no strangers.
[[nodiscard]] std::vector<std::string> settingsOfNobody(const base::Settings& settings,
                                                        const std::vector<std::string>& plugins);

} // namespace tenon::plugin

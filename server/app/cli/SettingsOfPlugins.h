#pragma once

#include "app/cli/CommandLine.h"
#include "base/settings/SettingFaults.h"
#include "base/settings/Settings.h"

#include <string>
#include <vector>

namespace tenon::app
{

/// What the start would say of the settings of plugins: each library is loaded in a worker and asked which keys it reads.
///
/// Shape:  gives what is worth a warning, a line each.
/// Errors: what would end the start is added to `faults`.
[[nodiscard]] std::vector<std::string> checkPluginSettings(const base::Settings& settings, base::SettingFaults& faults);

/// `tenon plugin settings NAME`.
[[nodiscard]] Command pluginSettingsCommand();

} // namespace tenon::app

#pragma once

#include "base/Settings.h"

#include <map>
#include <string>

namespace tenon::base
{

/// Reads a `.properties` file: POCO's reader gives the values, a scan beside it gives the line of every key, for errors.
///
/// Shape:  key to value and origin ("conf/tenon.properties:12").
/// Errors: `SettingsException` if the file cannot be read, or a key stands twice.
[[nodiscard]] std::map<std::string, SettingValue, std::less<>> readSettingsFile(const std::string& file);

} // namespace tenon::base

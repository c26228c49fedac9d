#pragma once

#include "base/settings/Settings.h"

#include <map>
#include <string>

namespace tenon::base
{

/// Reads a `.properties` file, and the files its `include` names (comma-separated paths and patterns, `conf.d/*.properties`,
/// relative to the file): what an included file sets, in the order of names, stands in the place of what was set before.
///
/// Of each file POCO's reader gives the values, a scan beside it the line of every key, for errors.
///
/// Shape:  key to value and origin ("conf/tenon.properties:12").
/// Errors: `SettingsException` if a file cannot be read, a key stands twice in one file, an included file is not there
///         (a pattern may find nothing), or files include each other.
[[nodiscard]] std::map<std::string, SettingValue, std::less<>> readSettingsFile(const std::string& file);

} // namespace tenon::base

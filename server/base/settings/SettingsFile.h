#pragma once

#include "base/settings/SettingFaults.h"
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
/// Errors: added to `faults`: a file that cannot be read, a key that stands twice in one file, an included file that is
///         not there (a pattern may find nothing), files that include each other. What can be read is given anyway.
[[nodiscard]] std::map<std::string, SettingValue, std::less<>> readSettingsFile(const std::string& file,
                                                                                SettingFaults& faults);

} // namespace tenon::base

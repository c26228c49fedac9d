#pragma once

#include "base/Settings.h"

#include <ostream>
#include <vector>

namespace tenon::app
{

/// The settings of all rooms, in the order in which they are documented.
[[nodiscard]] std::vector<base::SettingSpec> allSettings();

/// Writes the settings file that has every key with its default and a line of explanation, all commented out: what
/// `conf/tenon.properties` begins from, and what a test holds it against.
void printSettings(std::ostream& out);

} // namespace tenon::app

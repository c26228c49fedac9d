#pragma once

#include "base/settings/Settings.h"

#include <vector>

namespace tenon::plugin
{

/// The settings of this room: `plugins.*`, `plugin.<name>.*`, and what limits calls.
[[nodiscard]] std::vector<base::SettingSpec> settings();

} // namespace tenon::plugin

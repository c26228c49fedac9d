#pragma once

#include "plugin/config/OwnSettings.h"

#include <map>
#include <string>

namespace tenon::plugin
{

/// The values, each taken for paths separated by commas and made absolute. A plugin reads its settings while it is made, before
/// it has said which of them are paths, so all are prepared.
[[nodiscard]] std::map<std::string, std::string> absolutePaths(const OwnSettings& settings);

} // namespace tenon::plugin

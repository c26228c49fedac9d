#pragma once

#include "base/settings/Settings.h"

#include <string>
#include <vector>

namespace tenon::app
{

/// Settings that are well-formed and change nothing: what they belong to is off (a token without auth.type = bearer), or they let
/// nobody do anything (a token that has expired). A line each, with its place.
[[nodiscard]] std::vector<std::string> settingsWithoutEffect(const base::Settings& settings);

} // namespace tenon::app

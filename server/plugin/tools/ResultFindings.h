#pragma once

#include "plugin/catalogue/Catalogue.h"

#include <string>

namespace tenon::plugin
{

/// What is wrong with the JSON of a CallToolResult; empty if nothing is.
[[nodiscard]] std::string faultOfResult(const ToolEntry& tool, const std::string& json);

/// What a client would stumble over in a result that is right; empty if there is nothing.
[[nodiscard]] std::string oddityOfResult(const std::string& json);

} // namespace tenon::plugin

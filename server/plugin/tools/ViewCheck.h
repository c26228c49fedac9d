#pragma once

#include "plugin/tools/Check.h"
#include "plugin/tools/Trial.h"

#include <functional>

namespace tenon::plugin
{

/// Looks at the views of tools (MCP Apps): whether what tools name is there, and is what hosts take.
///
/// Errors: Poco::Exception if the plugin cannot be asked.
void checkViews(Trial& trial, const std::function<void(const Finding&)>& found);

} // namespace tenon::plugin

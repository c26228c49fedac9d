#pragma once

#include "mcp/Services.h"
#include "mcp/messages/ResponseSink.h"

#include <functional>

namespace tenon::mcp
{

/// Work that may take a while, or begins plugins, runs on the executor. Where that has no thread left it does not
/// run: false, and the sink is told, unless it is null.
bool later(Services& services, std::function<void()> work, const ResponseSinkPtr& sink);

} // namespace tenon::mcp

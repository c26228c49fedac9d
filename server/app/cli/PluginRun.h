#pragma once

#include "app/cli/CommandLine.h"

namespace tenon::app
{

/// `tenon plugin run`: calls one tool of a library, as a client of a server that has nothing else. So the call is what it will
/// be: asked questions reach the terminal, the tool's deadline holds, and a crash is told and not suffered.
[[nodiscard]] Command pluginRunCommand();

} // namespace tenon::app

#pragma once

#include "app/cli/CommandLine.h"

#include <vector>

namespace tenon::app
{

/// list, call, read, prompt, login, shell, complete: `tenon` as a client of any MCP server.
///
/// Exit statuses: 0 fine, 1 the tool failed or the server answered with an error, 2 usage, 3 no connection, 4 not
/// allowed, 5 no answer in time, 130 interrupted.
[[nodiscard]] std::vector<Command> clientCommands();

/// `tenon call`: as it is typed, or made by another command. Gives the exit status.
int callTool(const Arguments& arguments);

} // namespace tenon::app

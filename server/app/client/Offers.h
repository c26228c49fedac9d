#pragma once

#include "app/cli/CommandLine.h"
#include "client/Client.h"

#include <string>
#include <vector>

namespace tenon::app
{

/// The input schema of the tool `name`; false: there is no such tool.
[[nodiscard]] bool findSchema(const client::Listing& tools, const std::string& name,
                              base::JsonDocument::Element& schema);

/// Says that there is no such tool, and which one may be meant.
[[nodiscard]] std::string unknownTool(const client::Listing& tools, const std::string& name);

/// What could stand at the end of `words` on the line of a shell for `client`: words of its own, tools, parameters and
/// their values. The last word may be begun.
[[nodiscard]] std::vector<std::string> shellCompletions(client::Client& client, const std::vector<std::string>& words);

/// What could stand at the end of `tenon WORD...`, for the completion of bash and zsh.
[[nodiscard]] std::vector<std::string> completionsFor(const Arguments& arguments);

} // namespace tenon::app

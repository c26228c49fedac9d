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

/// A line that is typed in a shell, behind `tenon`.
struct TypedLine
{
    std::vector<std::string> words;
    std::size_t at = 0; ///< the word that is completed; those behind it count as far as they name a command behind --
};

/// What could stand at the place of the line's word, for the completion of bash and zsh: options, servers, tools, parameters
/// and their values. Nobody is logged in for it.
///
/// Errors: Poco::Exception: the line cannot be understood, or the server does not answer.
[[nodiscard]] std::vector<std::string> completionsFor(const std::vector<Command>& commands, const TypedLine& line);

} // namespace tenon::app

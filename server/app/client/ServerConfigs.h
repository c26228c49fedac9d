#pragma once

#include "client/Target.h"
#include "client/http/Credentials.h"

#include <string>
#include <string_view>
#include <vector>

namespace tenon::app
{

/// A server as the configuration of an MCP client names it.
struct ConfiguredServer
{
    std::string name;
    std::string file;  ///< where it stands
    std::string fault; ///< why it cannot be used: an input that only that client asks for; empty: it can
    client::Target target;
    client::FixedCredentials::Headers headers; ///< of HTTP
    bool disabled = false;                     ///< its user has switched it off there
    std::string variablesFile;                 ///< which has more of its environment and is not read; empty: none
    std::string project;                       ///< the folder that it is for alone; empty: it is for all
};

/// What becomes of references to the environment in a configuration.
enum class References
{
    REPLACED, ///< by their values
    KEPT      ///< as `${NAME}`
};

/// The servers in one file: `mcpServers` of Claude, Cursor and most others, `servers` of VS Code, and `mcp.servers` of
/// its settings. Comments and trailing commas are allowed. `${NAME}`, `${NAME:-otherwise}` and `${env:NAME}` are
/// replaced.
///
/// Shape:  of a file that has servers by project, those of `project`, else of the nearest folder above it that has some,
///         are taken too, and first; those of all projects last, if references are kept.
/// Errors: Poco::Exception that names the file.
[[nodiscard]] std::vector<ConfiguredServer> serversIn(const std::string& file, const std::string& project = {},
                                                      References references = References::REPLACED);

/// The files in which Claude Desktop, Claude Code, Cursor and VS Code keep servers: those of the current folder and the
/// ones above it first, then the user's. Only those that exist.
[[nodiscard]] std::vector<std::string> configurationFiles();

/// The servers of all these files; the first of a name wins. Files that cannot be read are left out.
[[nodiscard]] std::vector<ConfiguredServer> configuredServers();

/// JSON text without comments and trailing commas.
[[nodiscard]] std::string withoutComments(std::string_view text);

} // namespace tenon::app

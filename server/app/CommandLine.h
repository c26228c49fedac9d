#pragma once

#include <map>
#include <string>
#include <vector>

namespace tenon::app
{

/// What was typed: `tenon [SUBCOMMAND] [--FLAG]… [--KEY=VALUE]… [ARGUMENT]…`.
struct CommandLine
{
    std::string subcommand; ///< empty: serve
    std::string configFile; ///< --config=
    std::string pidFile;    ///< --pidfile=
    bool help = false, version = false, stdio = false, daemon = false;
    std::map<std::string, std::string> settings; ///< --http.port=0
    std::vector<std::string> arguments;          ///< of a subcommand
    std::vector<std::string>
        forPoco; ///< what Poco::Util::ServerApplication takes: --daemon, --pidfile, /registerService

    /// Errors: Poco::Util::UnknownOptionException, or another Poco::Util::OptionException, that names the argument.
    [[nodiscard]] static CommandLine read(const std::vector<std::string>& arguments);
};

} // namespace tenon::app

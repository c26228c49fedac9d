#pragma once

#include "app/cli/CommandLine.h"

#include <string>
#include <vector>

namespace tenon::app
{

/// The command line of `tenon` or `tenon serve`.
struct ServeOptions
{
    Arguments settings; ///< `--config`, absolute, and `--KEY=VALUE`: for `loadSettings`, again on SIGHUP
    std::string pidFile;
    std::string umask; ///< octal; empty: the caller's
    bool stdio = false, daemon = false;
    std::vector<std::string> warnings; ///< for the log, of settings that are probably not meant
};

/// The command that runs the server: `tenon` on its own.
[[nodiscard]] const Command& serveCommand();

/// Errors: Poco::Util::OptionException that names the argument.
[[nodiscard]] ServeOptions serveOptions(const Arguments& arguments);

} // namespace tenon::app

#pragma once

#include "app/cli/CommandLine.h"

#include <vector>

namespace tenon::app
{

/// `tenon status`, `stop`, `reload`, `plugin restart`, `plugin reload`: they talk to a server that runs.
///
/// They find it by `--pidfile=FILE`, by `--pid=N`, by the `--config=FILE` it was started with, or as the only one of this
/// user.
[[nodiscard]] std::vector<Command> controlCommands();

/// The exit statuses, modelled on those of init scripts.
enum ControlStatus : int
{
    DONE = 0,        ///< status: it is ready
    FAILED = 1,      ///< it did not obey; the message says why
    NOT_READY = 2,   ///< status: it runs, and is starting, draining, or without a required plugin
    NOT_RUNNING = 3, ///< there is none
    UNCLEAR = 4      ///< several, or it does not answer
};

} // namespace tenon::app

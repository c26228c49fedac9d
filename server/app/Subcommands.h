#pragma once

#include "app/CommandLine.h"
#include "base/Settings.h"

#include <string>

namespace tenon::app
{

/// Reads the settings that a command line names. Errors: base's SettingsException, worded for the operator.
[[nodiscard]] base::SettingsPtr loadSettings(const CommandLine& line);

/// Runs `tenon SUBCOMMAND`; gives the process's exit status. Errors: Poco::Exception, worded for who typed it.
[[nodiscard]] int runSubcommand(const CommandLine& line);

/// What `--help` prints.
[[nodiscard]] std::string helpText();

} // namespace tenon::app

#pragma once

#include "app/cli/CommandLine.h"
#include "base/settings/Settings.h"

#include <string>
#include <vector>

namespace tenon::app
{

/// Every command but the server itself.
[[nodiscard]] const std::vector<Command>& commands();

/// Reads the settings that a command line names: `--config`, `--KEY=VALUE`, and the environment.
/// Errors: base's SettingsException, worded for the operator.
[[nodiscard]] base::SettingsPtr loadSettings(const Arguments& arguments);

/// Runs `tenon COMMAND`; `typed` is what follows its name, `before` what stood in front of it.
/// Errors: Poco::Exception, worded for who typed it.
[[nodiscard]] int runCommand(const std::string& name, std::vector<std::string> before, std::vector<std::string> typed);

/// The commands and what they are for, a line each.
[[nodiscard]] std::string listOfCommands();

} // namespace tenon::app

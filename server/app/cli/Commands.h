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

/// Settings, and what is probably not meant in them though it hinders nothing: a line each, with its place.
struct CheckedSettings
{
    base::SettingsPtr settings;
    std::vector<std::string> warnings;
};

/// Likewise, as far as they can be read: what is wrong in them is as if it was not set.
[[nodiscard]] base::SettingsPtr readableSettings(const Arguments& arguments);

/// Reads the settings again while the server runs.
/// Errors: as `loadSettings`.
[[nodiscard]] CheckedSettings reloadSettings(const Arguments& arguments);

/// Reads the settings, and says what the start would say of them: all of it at once.
///
/// Shape:  the address and the plugins, which the start finds out about itself, are looked at if `all`, or if there is
///         something else to say.
/// Errors: SettingsException with a line for each fault.
[[nodiscard]] CheckedSettings checkedSettings(const Arguments& arguments, bool all);

/// Runs `tenon COMMAND`; `typed` is what follows its name, `before` what stood in front of it.
/// Errors: Poco::Exception, worded for who typed it.
[[nodiscard]] int runCommand(const std::string& name, std::vector<std::string> before, std::vector<std::string> typed);

/// The commands and what they are for, a line each.
[[nodiscard]] std::string listOfCommands();

} // namespace tenon::app

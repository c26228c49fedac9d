#pragma once

#include "base/settings/SettingFaults.h"
#include "base/settings/Settings.h"

#include <Poco/Exception.h>

#include <string>

namespace tenon::app
{

/// Says what the rooms would say at the start, of settings that are well-formed each by itself: what `validate-config`
/// calls valid starts, as far as the machine does not change in between.
///
/// A room says one thing at a time. What it names is taken out of the settings, and the room is asked again.
///
/// Errors: added to `faults`, worded for the operator.
void checkConfig(const base::SettingsPtr& settings, base::SettingFaults& faults);

/// Checks whether the server could start on this machine now: whether the address is taken, other than by a running server
/// with the same settings, which would be reloaded.
///
/// Shape:  `config` is the file of the settings, absolute; may be empty.
/// Errors: SettingsException.
void checkAddress(const base::Settings& settings, const std::string& config);

/// Reports, at the setting that names it, that the server cannot listen on an address, for `why` and `more`.
/// Errors: always SettingsException.
[[noreturn]] void refuseAddress(const base::Settings& settings, const Poco::Exception& why,
                                const std::string& more = {});

} // namespace tenon::app

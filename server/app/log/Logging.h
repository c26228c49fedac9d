#pragma once

#include "base/Settings.h"

#include <string>

namespace tenon::app
{

/// Sets up POCO's loggers as the settings `log.*` say. May be called again: levels change, the channel stays.
///
/// Errors: Poco::Exception if the file cannot be opened or the channel does not exist on this system.
void configureLogging(const base::Settings& settings);

/// Tells the operator what is wrong before there are settings that say where the log goes: on standard error, or, of a
/// Windows service, which has none, in the event log.
void reportFault(const std::string& text);

/// Changes levels only.
void configureLogLevels(const base::Settings& settings);

} // namespace tenon::app

#pragma once

#include "base/Settings.h"

namespace tenon::app
{

/// Sets up POCO's loggers as the settings `log.*` say. May be called again: levels change, the channel stays.
///
/// Errors: Poco::Exception if the file cannot be opened or the channel does not exist on this system.
void configureLogging(const base::Settings& settings);

/// Changes levels only.
void configureLogLevels(const base::Settings& settings);

} // namespace tenon::app

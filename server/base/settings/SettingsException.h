#pragma once

#include <Poco/Exception.h>

#include <string>

namespace tenon::base
{

/// The settings cannot be used. The message has one line a fault: where it stands, what was expected, what is nearest.
POCO_DECLARE_EXCEPTION(, SettingsException, Poco::DataFormatException)

} // namespace tenon::base

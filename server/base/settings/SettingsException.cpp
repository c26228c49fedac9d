#include "base/settings/SettingsException.h"

#include <typeinfo>

namespace tenon::base
{

POCO_IMPLEMENT_EXCEPTION(SettingsException, Poco::DataFormatException, "Settings")

} // namespace tenon::base

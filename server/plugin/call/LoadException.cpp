#include "plugin/call/LoadException.h"

namespace tenon::plugin
{

POCO_IMPLEMENT_EXCEPTION(LoadException, Poco::RuntimeException, "plugin refused")

} // namespace tenon::plugin

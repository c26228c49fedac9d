#pragma once

#include <Poco/Exception.h>

namespace tenon::plugin
{

/// A plugin was refused. The message is the reason, for the operator: it may hold paths.
POCO_DECLARE_EXCEPTION(, LoadException, Poco::RuntimeException)

} // namespace tenon::plugin

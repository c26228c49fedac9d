#pragma once

#include <tenon/log.h>

#include <string>
#include <string_view>

namespace tenon::plugin
{

/// A line of a plugin in the server's log, under "tenon.plugin.<name>". Threading: any thread.
void logOfPlugin(const std::string& plugin, tenon_log_level level, std::string_view message);

} // namespace tenon::plugin

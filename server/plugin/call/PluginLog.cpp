#include "plugin/call/PluginLog.h"

#include "base/text/LogLevels.h"

#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <algorithm>

namespace tenon::plugin
{

namespace
{

Poco::Message::Priority priorityOf(tenon_log_level level)
{
    const auto index = static_cast<std::size_t>(level); // of a plugin: any number
    return base::LOG_LEVELS[std::min(index, base::LOG_LEVELS.size() - 1)].priority;
}

} // namespace

void logOfPlugin(const std::string& plugin, tenon_log_level level, std::string_view message)
{
    const std::string source = "tenon.plugin." + plugin;
    Poco::Logger& logger = Poco::Logger::get(source);
    const auto priority = priorityOf(level);
    if (logger.is(priority))
        logger.log(Poco::Message(source, std::string(message), priority));
}

} // namespace tenon::plugin

#include "plugin/config/PluginLog.h"

#include <Poco/Logger.h>
#include <Poco/Message.h>

namespace tenon::plugin
{

namespace
{

Poco::Message::Priority priorityOf(tenon_log_level level)
{
    switch (level)
    {
    case TENON_LOG_DEBUG:
        return Poco::Message::PRIO_DEBUG;
    case TENON_LOG_INFO:
        return Poco::Message::PRIO_INFORMATION;
    case TENON_LOG_NOTICE:
        return Poco::Message::PRIO_NOTICE;
    case TENON_LOG_WARNING:
        return Poco::Message::PRIO_WARNING;
    case TENON_LOG_ERROR:
        return Poco::Message::PRIO_ERROR;
    case TENON_LOG_CRITICAL:
        return Poco::Message::PRIO_CRITICAL;
    default:
        return Poco::Message::PRIO_FATAL;
    }
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

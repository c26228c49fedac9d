#include "app/log/Logging.h"

#include "app/log/LogFormatter.h"

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/FileChannel.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>
#include <Poco/NullChannel.h>
#if defined(_WIN32)
#include <Poco/EventLogChannel.h>
#else
#include <Poco/SyslogChannel.h>
#endif

#include <iostream>

namespace tenon::app
{

namespace
{

using ChannelPtr = Poco::AutoPtr<Poco::Channel>;

#if defined(_WIN32)
constexpr const char* EVENT_SOURCE = "Tenon";

/// Services have no standard error.
bool hasConsole()
{
    const HANDLE handle = GetStdHandle(STD_ERROR_HANDLE);
    return handle && handle != INVALID_HANDLE_VALUE;
}
#endif

/// What `auto` stands for where there is no file.
std::string withoutFile()
{
#if defined(_WIN32)
    if (!hasConsole())
        return "eventlog";
#endif
    return "console";
}

ChannelPtr makeChannel(const base::Settings& settings)
{
    const std::string file = settings.text("log.file");
    std::string kind = settings.text("log.channel");
    if (kind == "auto")
        kind = file.empty() ? withoutFile() : "file";
    if (kind == "file")
    {
        if (file.empty())
            throw Poco::InvalidArgumentException("log.channel=file needs log.file");
        Poco::AutoPtr<Poco::FileChannel> channel(new Poco::FileChannel(file));
        channel->setProperty("rotation", settings.text("log.rotation"));
        channel->setProperty("purgeCount", settings.text("log.keep"));
        channel->setProperty("times", "UTC");
        channel->setProperty("flush", "true");
        channel->open();
        return channel;
    }
#if defined(_WIN32)
    if (kind == "eventlog")
        return new Poco::EventLogChannel(EVENT_SOURCE);
#else
    if (kind == "syslog")
        return new Poco::SyslogChannel("tenon", Poco::SyslogChannel::SYSLOG_PID, Poco::SyslogChannel::SYSLOG_DAEMON);
#endif
    if (kind == "none")
        return new Poco::NullChannel;
    if (kind != "console")
        throw Poco::InvalidArgumentException("log.channel=" + kind + " does not exist on this system");
    // Standard error, never standard output: that belongs to the protocol when it is spoken over stdio.
    return new Poco::ConsoleChannel(std::cerr);
}

} // namespace

void reportFault(const std::string& text)
{
#if defined(_WIN32)
    if (!hasConsole())
    {
        ChannelPtr channel(new Poco::EventLogChannel(EVENT_SOURCE));
        channel->log(Poco::Message("tenon.app", text, Poco::Message::PRIO_FATAL));
        return;
    }
#endif
    std::cerr << text << "\n";
}

void configureLogLevels(const base::Settings& settings)
{
    Poco::Logger::setLevel("", Poco::Logger::parseLevel(settings.text("log.level")));
    for (const auto& [room, level] : settings.under("log.level."))
        Poco::Logger::setLevel("tenon." + room, Poco::Logger::parseLevel(level));
}

void configureLogging(const base::Settings& settings)
{
    const Poco::AutoPtr<Poco::Formatter> formatter(new LogFormatter(settings.text("log.format") == "json"));
    const ChannelPtr channel(new Poco::FormattingChannel(formatter, makeChannel(settings)));
    Poco::Logger::root().setChannel(channel);
    Poco::Logger::setChannel("", channel); // those that were made before
    // The rooms' loggers inherit from the root when they are first asked for; made here, so that levels reach them.
    for (const char* room : {"app", "base", "net", "guard", "mcp", "plugin", "ops", "schema", "store"})
        Poco::Logger::get(std::string("tenon.") + room);
    configureLogLevels(settings);
}

} // namespace tenon::app

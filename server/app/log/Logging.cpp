#include "app/log/Logging.h"

#include "ops/log/LogFile.h"
#include "ops/log/LogFormatter.h"
#include "ops/log/StderrChannel.h"

#include <Poco/AutoPtr.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>
#include <Poco/NullChannel.h>
#include <Poco/String.h>
#if defined(_WIN32)
#include <Poco/EventLogChannel.h>
#else
#include <Poco/SyslogChannel.h>
#endif

#include <algorithm>
#include <array>
#include <iostream>

namespace tenon::app
{

namespace
{

using ChannelPtr = Poco::AutoPtr<Poco::Channel>;

#if defined(_WIN32)
constexpr const char* EVENT_SOURCE = "Tenon";
#endif

/// Whose loggers are `tenon.<room>`.
constexpr std::array<const char*, 10> ROOMS = {"app", "base", "client", "guard",  "mcp",
                                               "net", "ops",  "plugin", "schema", "store"};

constexpr std::chrono::seconds LAST_PATIENCE{1};

ChannelPtr makeChannel(const Settings::Log& settings)
{
    if (settings.channel == "file")
    {
        auto channel = ops::logFile(settings.file, settings.rotation, settings.keep);
        channel->open();
        return channel;
    }
#if defined(_WIN32)
    if (settings.channel == "eventlog")
        return new Poco::EventLogChannel(EVENT_SOURCE);
#else
    if (settings.channel == "syslog")
        return new Poco::SyslogChannel("tenon", Poco::SyslogChannel::SYSLOG_PID, Poco::SyslogChannel::SYSLOG_DAEMON);
#endif
    if (settings.channel == "none")
        return new Poco::NullChannel;
    if (settings.channel != "console")
        throw Poco::InvalidArgumentException("log.channel=" + settings.channel + " does not exist on this system");
    // Standard error, never standard output: that belongs to the protocol when it is spoken over stdio.
    return new ops::StderrChannel;
}

} // namespace

void reportFault(const std::string& text)
{
#if defined(_WIN32)
    const HANDLE handle = GetStdHandle(STD_ERROR_HANDLE);
    if (!handle || handle == INVALID_HANDLE_VALUE)
    {
        ChannelPtr channel(new Poco::EventLogChannel(EVENT_SOURCE));
        channel->log(Poco::Message("tenon.app", text, Poco::Message::PRIO_FATAL));
        return;
    }
#endif
    std::cerr << text << "\n";
}

Logging::Logging(const Settings::Log& settings, const base::Settings& levels)
    : _onConsole(settings.channel == "console")
{
    const Poco::AutoPtr<Poco::Formatter> formatter(new ops::LogFormatter(settings.json));
    const ChannelPtr target(new Poco::FormattingChannel(formatter, makeChannel(settings)));
    _tap = new ops::LogTap(_queue.channelTo(target));
    const ChannelPtr channel = _tap;
    Poco::Logger::root().setChannel(channel);
    Poco::Logger::setChannel("", channel); // those that were made before
    // The rooms' loggers inherit from the root when they are first asked for; made here, so that levels reach them.
    for (const char* room : ROOMS)
        Poco::Logger::get(std::string("tenon.") + room);
    setLevels(levels);
}

Logging::~Logging()
{
    _queue.finish(LAST_PATIENCE);
}

void Logging::setLevels(const base::Settings& settings)
{
    Poco::Logger::setLevel("", Poco::Logger::parseLevel(settings.text("log.level")));
    const auto levels = settings.under("log.level.");
    for (const auto& [source, level] : levels) // a room before its plugins: the map is sorted
    {
        Poco::Logger::get("tenon." + source); // of a plugin that has not logged yet
        Poco::Logger::setLevel("tenon." + source, Poco::Logger::parseLevel(level));
    }
}

std::span<const char* const> logRooms()
{
    return ROOMS;
}

void checkLogging(const base::Settings& settings)
{
    (void)Settings::read(settings).log;
    for (const auto& [key, level] : settings.under("log.level."))
        if (const std::string room = key.substr(0, key.find('.'));
            std::find(ROOMS.begin(), ROOMS.end(), room) == ROOMS.end())
            settings.refuse("log.level." + key,
                            "names no room; the rooms are " + Poco::cat(std::string(", "), ROOMS.begin(), ROOMS.end()));
}

} // namespace tenon::app

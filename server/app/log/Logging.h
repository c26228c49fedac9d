#pragma once

#include "app/Settings.h"
#include "ops/live/LogTap.h"
#include "ops/log/LogQueue.h"

#include <chrono>
#include <span>
#include <string>

namespace tenon::app
{

/// POCO's loggers as the settings `log.*` say, behind a queue and a thread of their own.
///
/// Threading: any thread; construct once, after the process has gone to the background.
class Logging
{
public:
    /// Errors: Poco::Exception if the file cannot be opened or the channel does not exist on this system.
    Logging(const Settings::Log& settings, const base::Settings& levels);
    /// Writes what is left.
    ~Logging();
    Logging(const Logging&) = delete;
    Logging& operator=(const Logging&) = delete;

    /// Levels as the settings `log.level.*` say now.
    void setLevels(const base::Settings& settings);

    /// The queue, for other logs of the process.
    [[nodiscard]] ops::LogQueue& queue() { return _queue; }

    /// Before the queue: shows messages to those who watch.
    [[nodiscard]] ops::LogTap& tap() { return *_tap; }

    /// Whether the log is what somebody at the terminal sees.
    [[nodiscard]] bool onConsole() const { return _onConsole; }

private:
    ops::LogQueue _queue;
    Poco::AutoPtr<ops::LogTap> _tap;
    const bool _onConsole;
};

/// Whose loggers are `tenon.<room>`, and whose levels `log.level.<room>` sets.
[[nodiscard]] std::span<const char* const> logRooms();

/// Says what the start would say of `log.*`, without opening anything.
/// Errors: SettingsException, or Poco::InvalidArgumentException, worded for the operator.
void checkLogging(const base::Settings& settings);

/// Tells the operator what is wrong before there are settings that say where the log goes: on standard error, or, of a
/// Windows service, which has none, in the event log.
void reportFault(const std::string& text);

} // namespace tenon::app

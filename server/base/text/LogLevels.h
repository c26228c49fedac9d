#pragma once

#include <Poco/Message.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tenon::base
{

// The levels of a log, once: the protocol's eight, and what each is in POCO's logs, whose words the settings
// `log.level.*` use.

struct LogLevel
{
    std::string_view name; ///< the protocol's LoggingLevel
    Poco::Message::Priority priority;
};

/// At the index of the ABI's TENON_LOG_*, least first.
inline constexpr std::array<LogLevel, 8> LOG_LEVELS = {{{"debug", Poco::Message::PRIO_DEBUG},
                                                        {"info", Poco::Message::PRIO_INFORMATION},
                                                        {"notice", Poco::Message::PRIO_NOTICE},
                                                        {"warning", Poco::Message::PRIO_WARNING},
                                                        {"error", Poco::Message::PRIO_ERROR},
                                                        {"critical", Poco::Message::PRIO_CRITICAL},
                                                        {"alert", Poco::Message::PRIO_FATAL},
                                                        {"emergency", Poco::Message::PRIO_FATAL}}};

/// For messages: "debug, info, … or emergency".
inline constexpr std::string_view LOG_LEVEL_NAMES = "debug, info, notice, warning, error, critical, alert or emergency";

/// The index of a level's name; nothing for another word.
[[nodiscard]] constexpr std::optional<std::size_t> logLevelOf(std::string_view name) noexcept
{
    for (std::size_t level = 0; level < LOG_LEVELS.size(); ++level)
        if (LOG_LEVELS[level].name == name)
            return level;
    return std::nullopt;
}

/// POCO's words, at the index of its priorities; "none" logs nothing.
inline constexpr std::array<std::string_view, 9> PRIORITY_NAMES = {
    "none", "fatal", "critical", "error", "warning", "notice", "information", "debug", "trace"};

/// The same words as the choice of a setting.
inline constexpr std::string_view PRIORITY_CHOICE = "none|fatal|critical|error|warning|notice|information|debug|trace";

} // namespace tenon::base

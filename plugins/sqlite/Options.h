#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tenon::sqlite
{

/// The plugin's settings, `plugin.sqlite.*`.
struct Options
{
    std::string database; ///< a file; made if it does not exist and `readOnly` is false
    bool readOnly = true;
    std::uint64_t maxRows = 1000;                      ///< of one answer
    std::uint64_t maxAnswerBytes = 4 * 1024 * 1024;    ///< of the values of one answer, about
    std::uint64_t maxValueBytes = 16 * 1024 * 1024;    ///< of one value, read, written or in between
    std::chrono::milliseconds statementTimeout{30000}; ///< 0: none
    std::chrono::milliseconds busyTimeout{5000};       ///< how long to wait for another's lock
    unsigned connections = 4;                          ///< statements at once
};

} // namespace tenon::sqlite

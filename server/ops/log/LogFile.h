#pragma once

#include <Poco/AutoPtr.h>
#include <Poco/FileChannel.h>

#include <string>

namespace tenon::ops
{

/// A rotated log file, which opens with its first line or `open()`.
///
/// Shape:  `rotation` and `keep` as in the settings: "10 M", "5".
/// Errors: Poco::InvalidArgumentException, worded for the operator, for a rotation that is none.
[[nodiscard]] Poco::AutoPtr<Poco::FileChannel> logFile(const std::string& path, const std::string& rotation,
                                                       const std::string& keep);

} // namespace tenon::ops

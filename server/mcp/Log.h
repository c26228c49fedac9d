#pragma once

#include <Poco/Logger.h>

namespace tenon::mcp
{

/// The room's logger, found once. Threading: any thread.
[[nodiscard]] inline Poco::Logger& logger()
{
    static Poco::Logger& instance = Poco::Logger::get("tenon.mcp");
    return instance;
}

} // namespace tenon::mcp

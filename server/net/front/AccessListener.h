#pragma once

#include <Poco/Timestamp.h>

#include <cstdint>
#include <string>

namespace tenon::net
{

/// One request that was answered, or whose client went before.
struct AccessEntry
{
    Poco::Timestamp began;
    std::string clientAddress; ///< as the gate sees it
    std::string principal;     ///< its name; empty: refused
    std::string method, target, protocol;
    std::string referer, userAgent;
    std::string sessionId, rpcMethod, rpcName; ///< of the message, or of the headers if it was none; empty: none
    std::string traceParent;                   ///< of the headers
    int status = 0;                            ///< 0: the client went before there was one
    std::uint64_t bytes = 0;                   ///< of the body
    std::int64_t durationUs = 0;
};

/// Told of every request the front has read. Without one, nothing is noted.
///
/// Threading: any thread; must not block.
class AccessListener
{
public:
    virtual ~AccessListener() = default;
    virtual void answered(const AccessEntry& entry) = 0;
};

} // namespace tenon::net

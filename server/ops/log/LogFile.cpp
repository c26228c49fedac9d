#include "ops/log/LogFile.h"

#include <Poco/Exception.h>

namespace tenon::ops
{

Poco::AutoPtr<Poco::FileChannel> logFile(const std::string& path, const std::string& rotation, const std::string& keep)
{
    Poco::AutoPtr<Poco::FileChannel> channel(new Poco::FileChannel(path));
    try
    {
        channel->setProperty("times", "UTC");
        if (rotation != "never") // what it does anyway; POCO 1.13 documents the word and refuses it
            channel->setProperty("rotation", rotation);
    }
    catch (const Poco::Exception&)
    {
        throw Poco::InvalidArgumentException("must be like 10 M, 1 days, daily or never, but is '" + rotation + "'");
    }
    channel->setProperty("purgeCount", keep);
    channel->setProperty("flush", "true");
    return channel;
}

} // namespace tenon::ops

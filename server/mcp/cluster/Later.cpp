#include "mcp/cluster/Later.h"

#include "jsonrpc/Error.h"
#include "mcp/cluster/SharedStreams.h"

#include <Poco/Exception.h>

#include <utility>

namespace tenon::mcp
{

bool later(Services& services, std::function<void()> work, const ResponseSinkPtr& sink)
{
    try
    {
        services.executor.post(std::move(work));
        return true;
    }
    catch (const Poco::Exception&)
    {
        if (sink)
            refuseStream(*sink, jsonrpc::ErrorKind::LIMIT, "the server has no thread left for this; try again later");
        return false;
    }
}

} // namespace tenon::mcp

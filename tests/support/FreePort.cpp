#include "FreePort.h"
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <random>

namespace tenon::tests
{

std::uint16_t freePort()
{
    std::random_device random;
    std::uniform_int_distribution<int> ports(25000, 29999);
    for (;;)
    {
        const auto port = static_cast<std::uint16_t>(ports(random));
        try
        {
            const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", port));
            return port;
        }
        catch (const Poco::Net::NetException&)
        {
            // Somebody's; the next one.
        }
    }
}

} // namespace tenon::tests

#include "mcp/dispatch/Random.h"

#include <Poco/Exception.h>

#include <openssl/rand.h>

namespace tenon::mcp
{

std::string randomId()
{
    unsigned char bytes[16];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        throw Poco::SystemException("no random numbers");
    static constexpr char HEX[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * sizeof bytes);
    for (const unsigned char byte : bytes)
    {
        text += HEX[byte >> 4];
        text += HEX[byte & 15];
    }
    return text;
}

} // namespace tenon::mcp

#include "base/text/RandomId.h"

#include "base/text/Hex.h"

#include <Poco/Exception.h>

#include <openssl/rand.h>

namespace tenon::base
{

std::string randomBytes(std::size_t count)
{
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        throw Poco::SystemException("no random numbers");
    return bytes;
}

std::string randomId(std::size_t digits)
{
    return toHex(randomBytes(digits / 2));
}

} // namespace tenon::base

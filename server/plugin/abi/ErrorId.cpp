#include "plugin/abi/ErrorId.h"

#include <Poco/NumberFormatter.h>

#include <cstdint>
#include <random>

namespace tenon::plugin
{

std::string makeErrorId()
{
    thread_local std::mt19937 generator{std::random_device{}()};
    return Poco::NumberFormatter::formatHex(static_cast<std::uint32_t>(generator()), 8);
}

} // namespace tenon::plugin

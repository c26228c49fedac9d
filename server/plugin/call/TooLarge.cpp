#include "plugin/call/TooLarge.h"

namespace tenon::plugin
{

namespace
{

std::string inMegabytes(std::size_t bytes)
{
    const auto tenths = (bytes + 99'999) / 100'000;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " MB";
}

} // namespace

std::string resultTooLarge(std::size_t bytes, std::size_t most)
{
    return "the result has " + inMegabytes(bytes) + " and may have " + inMegabytes(most) +
           ": ask for less, such as fewer items, a narrower filter, or one part at a time";
}

} // namespace tenon::plugin

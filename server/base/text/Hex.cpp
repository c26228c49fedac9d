#include "base/text/Hex.h"

namespace tenon::base
{

std::string toHex(std::string_view bytes)
{
    std::string digits;
    digits.reserve(bytes.size() * 2);
    for (const char byte : bytes)
        appendHex(digits, byte);
    return digits;
}

bool fromHex(std::string_view digits, std::span<std::uint8_t> bytes)
{
    if (digits.size() != bytes.size() * 2)
        return false;
    for (std::size_t at = 0; at < bytes.size(); ++at)
    {
        const int high = hexValue(digits[at * 2]), low = hexValue(digits[at * 2 + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[at] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

} // namespace tenon::base

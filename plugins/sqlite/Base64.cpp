#include "sqlite/Base64.h"

#include <cstdint>

namespace tenon::sqlite
{

bool decodeBase64(std::string_view base64, std::string& data)
{
    static constexpr std::string_view DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while (!base64.empty() && base64.back() == '=' && base64.size() % 4 != 1)
        base64.remove_suffix(1);
    if (base64.size() % 4 == 1)
        return false;
    data.clear();
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : base64)
    {
        const std::size_t digit = DIGITS.find(c);
        if (digit == std::string_view::npos)
            return false;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        held += 6;
        if (held >= 8)
        {
            held -= 8;
            data += static_cast<char>(bits >> held & 255);
        }
    }
    return true;
}

} // namespace tenon::sqlite

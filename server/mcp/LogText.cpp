#include "mcp/LogText.h"

namespace tenon::mcp
{

namespace
{
constexpr std::size_t MAX_BYTES = 300;
} // namespace

std::string forLog(std::string_view text)
{
    std::string safe(text.substr(0, MAX_BYTES));
    for (char& letter : safe)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F)
            letter = '?';
    if (text.size() > MAX_BYTES)
        safe += "...";
    return safe;
}

} // namespace tenon::mcp

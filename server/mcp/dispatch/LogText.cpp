#include "mcp/dispatch/LogText.h"

namespace tenon::mcp
{

namespace
{
constexpr std::size_t MAX_BYTES = 300;
} // namespace

std::string forLog(std::string_view text)
{
    std::string safe(text.substr(0, MAX_BYTES));
    for (std::size_t at = 0; at < safe.size(); ++at)
    {
        const auto byte = static_cast<unsigned char>(safe[at]);
        // Those of C1 too, in UTF-8: terminals obey them.
        const bool c1 = at > 0 && safe[at - 1] == '\xc2' && byte >= 0x80 && byte < 0xa0;
        if (c1)
            safe[at - 1] = '?';
        if (c1 || byte < 0x20 || byte == 0x7F)
            safe[at] = '?';
    }
    if (text.size() > MAX_BYTES)
        safe += "...";
    return safe;
}

} // namespace tenon::mcp

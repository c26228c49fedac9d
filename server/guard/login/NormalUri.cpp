#include "guard/login/NormalUri.h"

#include "base/text/Ascii.h"
#include "base/text/Hex.h"
#include "base/text/PercentCoding.h"

#include <algorithm>

namespace tenon::guard
{

namespace
{

/// How often a URI may be encoded over and over; a further layer makes it one that climbs.
constexpr int MAX_LAYERS = 4;

constexpr std::string_view DELIMITERS = "/\\?#";

/// The length of "scheme://authority"; of the scheme alone if there is no authority; 0 if there is none.
std::size_t headLength(std::string_view uri)
{
    const auto colon = uri.find(':');
    if (colon == std::string_view::npos || uri.find_first_of(DELIMITERS) < colon)
        return 0;
    if (!uri.substr(colon + 1).starts_with("//"))
        return colon;
    return std::min(uri.find_first_of(DELIMITERS, colon + 3), uri.size());
}

bool hasDotSegment(std::string_view uri)
{
    // The first segment of "scheme:../x" begins behind the colon.
    for (std::size_t at = 0; at < uri.size();)
    {
        const auto end = std::min(uri.find_first_of("/\\?#:;", at), uri.size());
        const std::string_view segment = uri.substr(at, end - at);
        if (segment == "." || segment == "..")
            return true;
        at = end + 1;
    }
    return false;
}

} // namespace

std::string normalUri(std::string_view uri)
{
    const std::size_t head = headLength(uri);
    std::string normal = base::lowered(uri.substr(0, head));
    for (std::size_t at = head; at < uri.size(); ++at)
    {
        if (uri[at] == '%' && at + 2 < uri.size() && base::isHex(uri[at + 1]) && base::isHex(uri[at + 2]))
        {
            const char letter = static_cast<char>(base::hexValue(uri[at + 1]) * 16 + base::hexValue(uri[at + 2]));
            at += 2;
            if (std::string_view("/?#%").find(letter) == std::string_view::npos)
                normal += letter;
            else
                normal.append("%").append(base::lowered(uri.substr(at - 1, 2)));
        }
        else
            normal += uri[at];
    }
    return normal;
}

bool uriClimbs(std::string_view uri)
{
    std::string plain(uri);
    for (int layer = 0; layer < MAX_LAYERS; ++layer)
    {
        if (hasDotSegment(plain))
            return true;
        if (plain.find('%') == std::string::npos)
            return false;
        std::string decoded = base::percentDecoded(plain);
        if (decoded == plain)
            return false;
        plain = std::move(decoded);
    }
    return true;
}

} // namespace tenon::guard

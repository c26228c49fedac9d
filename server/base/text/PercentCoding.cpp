#include "base/text/PercentCoding.h"

#include "base/text/Hex.h"

#include <Poco/Ascii.h>

#include <algorithm>

namespace tenon::base
{

namespace
{

bool isEscape(std::string_view text, std::size_t at)
{
    return text[at] == '%' && at + 2 < text.size() && isHex(text[at + 1]) && isHex(text[at + 2]);
}

} // namespace

std::string percentDecoded(std::string_view text)
{
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        if (!isEscape(text, at))
        {
            decoded += text[at];
            continue;
        }
        decoded += static_cast<char>(hexValue(text[at + 1]) * 16 + hexValue(text[at + 2]));
        at += 2;
    }
    return decoded;
}

std::optional<std::string> percentDecodedStrictly(std::string_view text)
{
    for (std::size_t at = 0; at < text.size(); ++at)
        if (text[at] == '%' && !isEscape(text, at))
            return std::nullopt;
    return percentDecoded(text);
}

std::optional<std::string> formDecoded(std::string_view text)
{
    std::string spaced(text);
    std::replace(spaced.begin(), spaced.end(), '+', ' ');
    return percentDecodedStrictly(spaced);
}

std::string percentEncoded(std::string_view text, std::string_view keep)
{
    constexpr std::string_view UNRESERVED = "-._~";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char letter : text)
    {
        if (Poco::Ascii::isAlphaNumeric(static_cast<unsigned char>(letter)) ||
            UNRESERVED.find(letter) != std::string_view::npos || keep.find(letter) != std::string_view::npos)
        {
            encoded += letter;
            continue;
        }
        encoded += '%';
        const auto byte = static_cast<unsigned char>(letter);
        encoded += "0123456789ABCDEF"[byte >> 4]; // RFC 3986, 2.1: upper case
        encoded += "0123456789ABCDEF"[byte & 15];
    }
    return encoded;
}

std::string normalUri(std::string_view uri)
{
    constexpr std::string_view RESERVED = ":/?#[]@!$&'()*+,;=";
    std::string normal;
    normal.reserve(uri.size());
    for (std::size_t at = 0; at < uri.size(); ++at)
    {
        if (!isEscape(uri, at))
        {
            normal += percentEncoded(uri.substr(at, 1), RESERVED);
            continue;
        }
        const std::string escaped = percentDecoded(uri.substr(at, 3));
        normal += percentEncoded(escaped);
        at += 2;
    }
    return normal;
}

} // namespace tenon::base

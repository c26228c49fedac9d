// Addresses of hosts and people: RFC 1123, 2673, 4291, 5321, 6531.

#include "base/Hex.h"
#include "schema/format/Formats.h"
#include "schema/text/Ascii.h"
#include "schema/text/Idna.h"
#include "schema/text/Punycode.h"
#include "schema/text/Utf8.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace tenon::schema::format
{

namespace
{

constexpr std::string_view ATOM_SIGNS = "!#$%&'*+-/=?^_`{|}~";

bool isLetterDigitHyphen(std::string_view label)
{
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
        return false;
    for (const char c : label)
        if (!ascii::isAlnum(c) && c != '-')
            return false;
    return true;
}

/// The label as it is read by people; nothing if it is not valid. Adds its size on the wire, with a dot, to `bytes`.
std::optional<std::u32string> unicodeLabel(std::u32string_view label, std::size_t& bytes)
{
    if (std::any_of(label.begin(), label.end(), [](char32_t c) { return c >= 0x80; }))
    {
        bytes += idna::ENCODED_PREFIX + punycode::encode(label.substr(0, 63)).size() + 1;
        return idna::isLabel(label) ? std::optional<std::u32string>(label) : std::nullopt;
    }
    const std::string text(label.begin(), label.end());
    bytes += text.size() + 1;
    if (!isLetterDigitHyphen(text))
        return std::nullopt;
    return idna::looksEncoded(text) ? idna::decodeLabel(text) : std::optional<std::u32string>(label);
}

bool isInternational(char c)
{
    return (static_cast<unsigned char>(c) & 0x80) != 0;
}

/// The end of the local part, where the '@' must be; npos if there is no local part.
std::size_t localPart(std::string_view text, bool international)
{
    if (text.empty())
        return std::string_view::npos;
    if (text[0] == '"')
    {
        for (std::size_t i = 1; i < text.size(); ++i)
        {
            if (text[i] == '"')
                return i + 1;
            if (text[i] == '\\')
                ++i;
            if (i >= text.size() || (isInternational(text[i]) ? !international : text[i] < ' ' || text[i] == 0x7F))
                return std::string_view::npos;
        }
        return std::string_view::npos;
    }
    std::size_t end = 0;
    bool dot = true; // none at the start, none at the end, no two in a row
    for (; end < text.size() && text[end] != '@'; ++end)
    {
        const char c = text[end];
        if (c == '.')
        {
            if (dot)
                return std::string_view::npos;
            dot = true;
            continue;
        }
        if (isInternational(c) ? !international : !ascii::isAlnum(c) && !ascii::contains(ATOM_SIGNS, c))
            return std::string_view::npos;
        dot = false;
    }
    return dot ? std::string_view::npos : end;
}

bool isMailbox(std::string_view text, bool international)
{
    const std::size_t at = localPart(text, international);
    if (at == std::string_view::npos || at >= text.size() || text[at] != '@')
        return false;
    const std::string_view domain = text.substr(at + 1);
    if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']')
    {
        const std::string_view literal = domain.substr(1, domain.size() - 2);
        constexpr std::string_view IPV6 = "IPv6:";
        return literal.substr(0, IPV6.size()) == IPV6 ? isIpv6(literal.substr(IPV6.size())) : isIpv4(literal);
    }
    return international ? isIdnHostname(domain) : isHostname(domain);
}

} // namespace

bool isHostname(std::string_view text)
{
    if (text.empty() || text.size() > 253)
        return false;
    bool encoded = false;
    for (std::size_t start = 0; start <= text.size();)
    {
        const std::size_t end = std::min(text.find('.', start), text.size());
        const std::string_view label = text.substr(start, end - start);
        if (!isLetterDigitHyphen(label))
            return false;
        encoded = encoded || idna::looksEncoded(label);
        start = end + 1;
    }
    return !encoded || isIdnHostname(text);
}

bool isIdnHostname(std::string_view text)
{
    // Four bytes a character at most.
    if (text.empty() || text.size() > 4 * 253)
        return false;
    const std::u32string decoded = utf8::decode(text);
    std::vector<std::u32string> labels;
    std::size_t bytes = 0;
    for (std::size_t start = 0; start <= decoded.size();)
    {
        // Full stop, and its ideographic, fullwidth and halfwidth forms.
        const std::size_t end = std::min(decoded.find_first_of(U".\u3002\uFF0E\uFF61", start), decoded.size());
        auto label = unicodeLabel(std::u32string_view(decoded).substr(start, end - start), bytes);
        if (!label)
            return false;
        labels.push_back(std::move(*label));
        start = end + 1;
    }
    return bytes <= 254 && idna::obeysBidiRule(labels);
}

bool isEmail(std::string_view text)
{
    return isMailbox(text, false);
}

bool isIdnEmail(std::string_view text)
{
    return isMailbox(text, true);
}

bool isIpv4(std::string_view text)
{
    int parts = 0;
    std::size_t at = 0;
    while (parts < 4)
    {
        int value = 0;
        std::size_t digits = 0;
        for (; at < text.size() && ascii::isDigit(text[at]) && digits < 4; ++at, ++digits)
            value = value * 10 + (text[at] - '0');
        // A leading zero is octal to some and decimal to others.
        if (digits == 0 || value > 255 || (digits > 1 && text[at - digits] == '0') || digits > 3)
            return false;
        if (++parts < 4 && (at >= text.size() || text[at++] != '.'))
            return false;
    }
    return at == text.size();
}

bool isIpv6(std::string_view text)
{
    int groups = 0;
    bool compressed = false;
    std::size_t at = 0;
    if (text.substr(0, 2) == "::")
    {
        compressed = true;
        at = 2;
    }
    else if (text.substr(0, 1) == ":")
        return false;
    while (at < text.size())
    {
        const std::size_t end = std::min(text.find(':', at), text.size());
        const std::string_view group = text.substr(at, end - at);
        if (end == text.size() && group.find('.') != std::string_view::npos)
        {
            if (!isIpv4(group))
                return false;
            groups += 2;
            break;
        }
        if (group.empty() || group.size() > 4)
            return false;
        for (const char c : group)
            if (!base::isHex(c))
                return false;
        ++groups;
        if (end == text.size())
            break;
        at = end + 1;
        if (at < text.size() && text[at] == ':')
        {
            if (compressed)
                return false;
            compressed = true;
            ++at;
        }
        else if (at == text.size())
            return false;
    }
    return compressed ? groups < 8 : groups == 8;
}

} // namespace tenon::schema::format

// URIs, IRIs and templates of them: RFC 3986, 3987, 6570.

#include "base/Hex.h"
#include "schema/format/Formats.h"
#include "schema/text/Ascii.h"
#include "schema/text/Utf8.h"

#include <algorithm>

namespace tenon::schema::format
{

namespace
{

constexpr std::string_view UNRESERVED = "-._~";
constexpr std::string_view SUB_DELIMS = "!$&'()*+,;=";

/// Code points of IRIs beyond ASCII: `ucschar`, and `iprivate` in queries only.
bool isIriChar(char32_t c, bool inQuery)
{
    if ((c >= 0xA0 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDCF) || (c >= 0xFDF0 && c <= 0xFFEF))
        return true;
    if (c >= 0x10000 && c <= 0xEFFFD && (c & 0xFFFF) <= 0xFFFD)
        return c < 0xE0000 || c >= 0xE1000;
    return inQuery && ((c >= 0xE000 && c <= 0xF8FF) || (c >= 0xF0000 && (c & 0xFFFF) <= 0xFFFD));
}

/// Only unreserved characters, sub-delims, %XX and what `more` lists; beyond ASCII what IRIs have, if `international`.
bool isMadeOf(std::string_view text, std::string_view more, bool international, bool inQuery = false)
{
    for (std::size_t i = 0; i < text.size();)
    {
        const char c = text[i];
        if ((static_cast<unsigned char>(c) & 0x80) != 0)
        {
            if (!international || !isIriChar(utf8::next(text, i), inQuery))
                return false;
            continue;
        }
        if (c == '%')
        {
            if (i + 2 >= text.size() || !base::isHex(text[i + 1]) || !base::isHex(text[i + 2]))
                return false;
            i += 3;
            continue;
        }
        if (!ascii::isAlnum(c) && !ascii::contains(UNRESERVED, c) && !ascii::contains(SUB_DELIMS, c) &&
            !ascii::contains(more, c))
            return false;
        ++i;
    }
    return true;
}

bool isScheme(std::string_view text)
{
    if (text.empty() || !ascii::isAlpha(text[0]))
        return false;
    for (const char c : text)
        if (!ascii::isAlnum(c) && c != '+' && c != '-' && c != '.')
            return false;
    return true;
}

/// "v1.anything", between the brackets.
bool isFutureAddress(std::string_view text)
{
    if (text.size() < 4 || (text[0] | 0x20) != 'v')
        return false;
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || dot < 2 || dot + 1 == text.size())
        return false;
    for (const char c : text.substr(1, dot - 1))
        if (!base::isHex(c))
            return false;
    return text.find('%') == std::string_view::npos && isMadeOf(text.substr(dot + 1), ":", false);
}

bool isAuthority(std::string_view text, bool international)
{
    const std::size_t at = text.rfind('@');
    if (at != std::string_view::npos)
    {
        if (!isMadeOf(text.substr(0, at), ":", international))
            return false;
        text = text.substr(at + 1);
    }
    std::string_view port;
    if (!text.empty() && text[0] == '[')
    {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos)
            return false;
        const std::string_view address = text.substr(1, close - 1);
        if (!isIpv6(address) && !isFutureAddress(address))
            return false;
        port = text.substr(close + 1);
    }
    else
    {
        const std::size_t colon = std::min(text.find(':'), text.size());
        if (!isMadeOf(text.substr(0, colon), "", international))
            return false;
        port = text.substr(colon);
    }
    if (!port.empty() && port[0] != ':')
        return false;
    for (std::size_t i = 1; i < port.size(); ++i)
        if (!ascii::isDigit(port[i]))
            return false;
    return true;
}

bool isReference(std::string_view text, bool international, bool absolute)
{
    const std::size_t hash = text.find('#');
    if (hash != std::string_view::npos)
    {
        if (!isMadeOf(text.substr(hash + 1), ":@/?", international))
            return false;
        text = text.substr(0, hash);
    }
    const std::size_t question = text.find('?');
    if (question != std::string_view::npos)
    {
        if (!isMadeOf(text.substr(question + 1), ":@/?", international, true))
            return false;
        text = text.substr(0, question);
    }
    const std::size_t colon = text.find(':');
    const bool hasScheme = colon != std::string_view::npos && isScheme(text.substr(0, colon));
    if (absolute && !hasScheme)
        return false;
    if (hasScheme)
        text = text.substr(colon + 1);
    if (text.substr(0, 2) == "//")
    {
        const std::size_t slash = std::min(text.find('/', 2), text.size());
        if (!isAuthority(text.substr(2, slash - 2), international))
            return false;
        text = text.substr(slash);
    }
    else if (!hasScheme && text.substr(0, text.find('/')).find(':') != std::string_view::npos)
        return false; // it would be read as a scheme
    return isMadeOf(text, ":@/", international);
}

bool isVariableName(std::string_view name)
{
    bool dot = true; // none at the start, none at the end, no two in a row
    for (std::size_t i = 0; i < name.size(); ++i)
    {
        if (name[i] == '.')
        {
            if (dot)
                return false;
            dot = true;
            continue;
        }
        if (name[i] == '%')
        {
            if (i + 2 >= name.size() || !base::isHex(name[i + 1]) || !base::isHex(name[i + 2]))
                return false;
            i += 2;
        }
        else if (!ascii::isAlnum(name[i]) && name[i] != '_')
            return false;
        dot = false;
    }
    return !dot;
}

bool isVariable(std::string_view text)
{
    if (!text.empty() && text.back() == '*')
        return isVariableName(text.substr(0, text.size() - 1));
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return isVariableName(text);
    const std::string_view length = text.substr(colon + 1);
    if (length.empty() || length.size() > 4 || length[0] == '0')
        return false;
    for (const char c : length)
        if (!ascii::isDigit(c))
            return false;
    return isVariableName(text.substr(0, colon));
}

bool isExpression(std::string_view text)
{
    if (!text.empty() && ascii::contains("+#./;?&=,!@|", text[0]))
        text.remove_prefix(1);
    std::size_t start = 0;
    while (start <= text.size())
    {
        const std::size_t end = std::min(text.find(',', start), text.size());
        if (!isVariable(text.substr(start, end - start)))
            return false;
        start = end + 1;
    }
    return true;
}

/// Anything but controls, space, quotes and a few signs (RFC 6570, 2.1; the apostrophe as its erratum 6937 has it).
bool isTemplateLiteral(std::string_view text)
{
    for (std::size_t i = 0; i < text.size();)
    {
        const char c = text[i];
        if ((static_cast<unsigned char>(c) & 0x80) != 0)
        {
            if (!isIriChar(utf8::next(text, i), true))
                return false;
            continue;
        }
        if (c == '%' && (i + 2 >= text.size() || !base::isHex(text[i + 1]) || !base::isHex(text[i + 2])))
            return false;
        if (c <= ' ' || c == 0x7F || ascii::contains("\"<>\\^`{|}", c))
            return false;
        ++i;
    }
    return true;
}

} // namespace

bool isUri(std::string_view text)
{
    return isReference(text, false, true);
}

bool isUriReference(std::string_view text)
{
    return isReference(text, false, false);
}

bool isIri(std::string_view text)
{
    return isReference(text, true, true);
}

bool isIriReference(std::string_view text)
{
    return isReference(text, true, false);
}

bool isUriTemplate(std::string_view text)
{
    while (!text.empty())
    {
        const std::size_t open = std::min(text.find('{'), text.size());
        if (!isTemplateLiteral(text.substr(0, open)))
            return false;
        if (open == text.size())
            return true;
        const std::size_t close = text.find('}', open);
        if (close == std::string_view::npos || !isExpression(text.substr(open + 1, close - open - 1)))
            return false;
        text = text.substr(close + 1);
    }
    return true;
}

} // namespace tenon::schema::format

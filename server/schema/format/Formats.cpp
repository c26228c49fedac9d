#include "schema/format/Formats.h"

#include "base/text/Ascii.h"
#include "base/text/Hex.h"
#include "schema/text/CharClass.h"

#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace tenon::schema
{

namespace
{

/// Reads from the front of a text.
class Cursor
{
public:
    explicit Cursor(std::string_view text) : _rest(text) {}

    [[nodiscard]] bool atEnd() const { return _rest.empty(); }

    bool accept(char c)
    {
        if (_rest.empty() || _rest[0] != c)
            return false;
        _rest.remove_prefix(1);
        return true;
    }

    /// Two digits or more, exactly `count` of them.
    bool digits(std::size_t count, int& value)
    {
        if (_rest.size() < count)
            return false;
        value = 0;
        for (std::size_t i = 0; i < count; ++i)
        {
            if (!ascii::isDigit(_rest[i]))
                return false;
            value = value * 10 + (_rest[i] - '0');
        }
        _rest.remove_prefix(count);
        return true;
    }

    /// At least one digit.
    bool number()
    {
        const auto end = std::find_if_not(_rest.begin(), _rest.end(), ascii::isDigit);
        const auto count = static_cast<std::size_t>(end - _rest.begin());
        _rest.remove_prefix(count);
        return count > 0;
    }

private:
    std::string_view _rest;
};

bool readDate(Cursor& at)
{
    static constexpr int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = 0, month = 0, day = 0;
    if (!at.digits(4, year) || !at.accept('-') || !at.digits(2, month) || !at.accept('-') || !at.digits(2, day))
        return false;
    if (month < 1 || month > 12 || day < 1)
        return false;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= DAYS[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool readOffset(Cursor& at, int& minutes)
{
    minutes = 0;
    if (at.accept('Z') || at.accept('z'))
        return true;
    const bool east = at.accept('+');
    if (!east && !at.accept('-'))
        return false;
    int hour = 0, minute = 0;
    if (!at.digits(2, hour) || !at.accept(':') || !at.digits(2, minute) || hour > 23 || minute > 59)
        return false;
    minutes = (hour * 60 + minute) * (east ? 1 : -1);
    return true;
}

bool readTime(Cursor& at)
{
    int hour = 0, minute = 0, second = 0, offset = 0;
    if (!at.digits(2, hour) || !at.accept(':') || !at.digits(2, minute) || !at.accept(':') || !at.digits(2, second))
        return false;
    if (at.accept('.') && !at.number())
        return false;
    if (!readOffset(at, offset) || hour > 23 || minute > 59 || second > 60)
        return false;
    if (second < 60)
        return true;
    // A leap second is the last one of a day, at Greenwich.
    constexpr int DAY = 24 * 60;
    return ((hour * 60 + minute - offset) % DAY + DAY) % DAY == DAY - 1;
}

bool isDate(std::string_view text)
{
    Cursor at(text);
    return readDate(at) && at.atEnd();
}

bool isDateTime(std::string_view text)
{
    Cursor at(text);
    return readDate(at) && (at.accept('T') || at.accept('t')) && readTime(at) && at.atEnd();
}

/// Letters, digits, what `more` lists, and %XX if it lists '%'.
bool isMadeOf(std::string_view text, std::string_view more)
{
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (!ascii::isAlnum(text[i]) && !ascii::contains(more, text[i]))
            return false;
        if (text[i] == '%' && (i + 2 >= text.size() || !base::isHex(text[i + 1]) || !base::isHex(text[i + 2])))
            return false;
    }
    return true;
}

/// Names with dots between them, each of 63 letters, digits and inner hyphens at most.
bool isHostname(std::string_view text)
{
    if (text.empty() || text.size() > 253)
        return false;
    for (std::size_t start = 0; start <= text.size();)
    {
        const std::size_t end = std::min(text.find('.', start), text.size());
        const std::string_view label = text.substr(start, end - start);
        if (label.empty() || label.size() > 63 || !isMadeOf(label, "-") || label.front() == '-' || label.back() == '-')
            return false;
        start = end + 1;
    }
    return true;
}

/// Four numbers of 0 to 255 without leading zeros.
bool isIpv4(std::string_view text)
{
    for (int part = 0; part < 4; ++part)
    {
        const std::size_t end = part == 3 ? text.size() : std::min(text.find('.'), text.size());
        unsigned value = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + end, value);
        if (error != std::errc() || stop != text.data() + end || value > 255 || (end > 1 && text[0] == '0'))
            return false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

/// Without a zone.
bool isIpv6(std::string_view text)
{
    Poco::Net::IPAddress address;
    const std::size_t embedded = text.rfind(':') + 1;
    return Poco::Net::IPAddress::tryParse(std::string(text), address) &&
           address.family() == Poco::Net::IPAddress::IPv6 && text.find('%') == std::string_view::npos &&
           (text.find('.') == std::string_view::npos || isIpv4(text.substr(embedded)));
}

/// What stands in the brackets of a URI's host: an IPv6 address, or `v7.what-is-to-come`.
bool isIpLiteral(std::string_view text)
{
    if (!text.starts_with('v') && !text.starts_with('V'))
        return isIpv6(text);
    const std::size_t dot = text.find('.');
    return dot != std::string_view::npos && dot > 1 && dot + 1 < text.size() &&
           std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(dot), base::isHex) &&
           isMadeOf(text.substr(dot + 1), "-._~!$&'()*+,;=:");
}

/// What stands in the brackets of an e-mail address.
bool isAddressLiteral(std::string_view text)
{
    constexpr std::string_view TAG = "ipv6:";
    return base::startsWithIgnoringCase(text, TAG) ? isIpv6(text.substr(TAG.size())) : isIpv4(text);
}

/// `a.b@host.example`, `"a b"@host.example`, `a@[192.0.2.1]`.
bool isEmail(std::string_view text)
{
    constexpr std::string_view ATOM = "!#$&'*+-/=?^_`{|}~.";
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64)
        return false;
    const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
    if (local.size() >= 2 && local.front() == '"' && local.back() == '"')
    {
        const std::string_view quoted = local.substr(1, local.size() - 2);
        for (std::size_t i = 0; i < quoted.size(); ++i)
            if (quoted[i] < 0x20 || quoted[i] > 0x7e || quoted[i] == '"' || (quoted[i] == '\\' && ++i == quoted.size()))
                return false;
    }
    else if (std::any_of(local.begin(), local.end(),
                         [&](char c) { return c != '%' && !ascii::isAlnum(c) && !ascii::contains(ATOM, c); }) ||
             local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
        return false;
    if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']')
        return isAddressLiteral(domain.substr(1, domain.size() - 2));
    return isHostname(domain);
}

bool isAuthority(std::string_view text)
{
    constexpr std::string_view NAME = "-._~!$&'()*+,;=%";
    if (const std::size_t at = text.rfind('@'); at != std::string_view::npos)
    {
        if (!isMadeOf(text.substr(0, at), "-._~!$&'()*+,;=%:"))
            return false;
        text.remove_prefix(at + 1);
    }
    std::size_t end = 0;
    if (text.starts_with('['))
    {
        end = text.find(']');
        if (end == std::string_view::npos || !isIpLiteral(text.substr(1, end - 1)))
            return false;
        ++end;
    }
    else
    {
        end = std::min(text.find(':'), text.size());
        if (!isMadeOf(text.substr(0, end), NAME))
            return false;
    }
    const std::string_view port = text.substr(end);
    return port.empty() ||
           (port[0] == ':' && std::all_of(port.begin() + 1, port.end(), [](char c) { return ascii::isDigit(c); }));
}

/// An absolute URI, with or without a fragment.
bool isUri(std::string_view text)
{
    constexpr std::string_view PATH = "-._~!$&'()*+,;=%:@/", QUERY = "-._~!$&'()*+,;=%:@/?";
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || !ascii::isAlpha(text[0]) ||
        !isMadeOf(text.substr(0, colon), "+-."))
        return false;
    text.remove_prefix(colon + 1);
    if (const std::size_t hash = text.find('#'); hash != std::string_view::npos)
    {
        if (!isMadeOf(text.substr(hash + 1), QUERY))
            return false;
        text = text.substr(0, hash);
    }
    if (const std::size_t question = text.find('?'); question != std::string_view::npos)
    {
        if (!isMadeOf(text.substr(question + 1), QUERY))
            return false;
        text = text.substr(0, question);
    }
    if (!text.starts_with("//"))
        return isMadeOf(text, PATH);
    text.remove_prefix(2);
    const std::size_t slash = std::min(text.find('/'), text.size());
    return isAuthority(text.substr(0, slash)) && isMadeOf(text.substr(slash), PATH);
}

constexpr std::array<Format, 4> FORMATS{{
    {"date-time", isDateTime, "a date-time of RFC 3339, such as 2026-07-28T12:00:00Z"},
    {"date", isDate, "a date of RFC 3339, such as 2026-07-28"},
    {"email", isEmail, "an e-mail address"},
    {"uri", isUri, "an absolute URI, such as https://example.com/a"},
}};

} // namespace

const Format* findFormat(std::string_view name) noexcept
{
    for (const Format& format : FORMATS)
        if (format.name == name)
            return &format;
    return nullptr;
}

} // namespace tenon::schema

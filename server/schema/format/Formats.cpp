#include "schema/format/Formats.h"

#include "base/Hex.h"
#include "schema/SchemaException.h"
#include "schema/text/Ascii.h"
#include "schema/text/Regex.h"

#include <array>

namespace tenon::schema
{

namespace
{

using namespace format;

constexpr std::array<Format, 19> FORMATS{{
    {"date-time", isDateTime, "a date-time of RFC 3339, such as 2026-07-28T12:00:00Z"},
    {"date", isDate, "a date of RFC 3339, such as 2026-07-28"},
    {"time", isTime, "a time of RFC 3339 with its offset, such as 12:00:00Z"},
    {"duration", isDuration, "a duration of ISO 8601, such as P1DT12H"},
    {"email", isEmail, "an e-mail address"},
    {"idn-email", isIdnEmail, "an e-mail address"},
    {"hostname", isHostname, "a host name"},
    {"idn-hostname", isIdnHostname, "a host name"},
    {"ipv4", isIpv4, "an IPv4 address, such as 192.0.2.1"},
    {"ipv6", isIpv6, "an IPv6 address, such as 2001:db8::1"},
    {"uri", isUri, "an absolute URI, such as https://example.com/a"},
    {"uri-reference", isUriReference, "a URI or a relative reference"},
    {"iri", isIri, "an absolute IRI, such as https://example.com/a"},
    {"iri-reference", isIriReference, "an IRI or a relative reference"},
    {"uri-template", isUriTemplate, "a URI template of RFC 6570, such as /items/{id}"},
    {"uuid", isUuid, "a UUID, such as 2eb8aa08-aa98-11ea-b4aa-73b441d16380"},
    {"json-pointer", isJsonPointer, "a JSON pointer, such as /a/0"},
    {"relative-json-pointer", isRelativeJsonPointer, "a relative JSON pointer, such as 1/a"},
    {"regex", isRegex, "a regular expression of ECMA-262"},
}};

} // namespace

const Format* findFormat(std::string_view name) noexcept
{
    for (const Format& format : FORMATS)
        if (format.name == name)
            return &format;
    return nullptr;
}

namespace format
{

bool isUuid(std::string_view text)
{
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[i] != '-' : !base::isHex(text[i]))
            return false;
    }
    return true;
}

bool isJsonPointer(std::string_view text)
{
    if (!text.empty() && text[0] != '/')
        return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
            return false;
    return true;
}

bool isRelativeJsonPointer(std::string_view text)
{
    std::size_t digits = 0;
    while (digits < text.size() && ascii::isDigit(text[digits]))
        ++digits;
    if (digits == 0 || (digits > 1 && text[0] == '0'))
        return false;
    const std::string_view rest = text.substr(digits);
    return rest == "#" || isJsonPointer(rest);
}

bool isRegex(std::string_view text)
{
    try
    {
        translate(text);
        return true;
    }
    catch (const SchemaException&)
    {
        return false;
    }
}

} // namespace format

} // namespace tenon::schema

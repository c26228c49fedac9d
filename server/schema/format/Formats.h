#pragma once

#include <string_view>

namespace tenon::schema
{

/// A value of `format` that can be asserted.
struct Format
{
    std::string_view name;
    bool (*matches)(std::string_view text);
    std::string_view expected; ///< "a date-time (RFC 3339), for example 2026-07-28T12:00:00Z"
};

/// Null for a format that is not asserted.
const Format* findFormat(std::string_view name) noexcept;

/// The checks by themselves. None of them allocates much or takes more than linear time, `regex` included.
namespace format
{

bool isDateTime(std::string_view text);
bool isDate(std::string_view text);
bool isTime(std::string_view text);
bool isDuration(std::string_view text);
bool isEmail(std::string_view text);
bool isIdnEmail(std::string_view text);
bool isHostname(std::string_view text);
bool isIdnHostname(std::string_view text);
bool isIpv4(std::string_view text);
bool isIpv6(std::string_view text);
bool isUri(std::string_view text);
bool isUriReference(std::string_view text);
bool isIri(std::string_view text);
bool isIriReference(std::string_view text);
bool isUriTemplate(std::string_view text);
bool isUuid(std::string_view text);
bool isJsonPointer(std::string_view text);
bool isRelativeJsonPointer(std::string_view text);
bool isRegex(std::string_view text);

} // namespace format

} // namespace tenon::schema

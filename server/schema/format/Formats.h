#pragma once

#include <string_view>

namespace tenon::schema
{

/// What the keyword `format` does.
enum class FormatMode
{
    /// Nothing: the default of both dialects.
    ANNOTATION,
    /// A string that is not of a known format is a violation; an unknown format is ignored.
    ASSERTION
};

/// A value of `format` that can be asserted: one of the four that the forms of elicitation know.
///
/// Spec: 2025-11-25, Elicitation, Requested Schema; RFC 3339, 5.6; RFC 3986, 3; RFC 5321, 4.1.2.
struct Format
{
    std::string_view name;
    bool (*matches)(std::string_view text);
    std::string_view expected; ///< "a date-time (RFC 3339), for example 2026-07-28T12:00:00Z"
};

/// Null for a format that is not asserted.
[[nodiscard]] const Format* findFormat(std::string_view name) noexcept;

} // namespace tenon::schema

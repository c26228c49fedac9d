#pragma once

#include <string_view>

namespace tenon::schema
{

/// The short name of a general category of Unicode, which is the one that RE2 knows: "Lu" for "Uppercase_Letter".
/// Any other name, of a script or already short, is returned as it is.
std::string_view categoryOfRe2(std::string_view name) noexcept;

} // namespace tenon::schema

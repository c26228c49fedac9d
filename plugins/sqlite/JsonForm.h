#pragma once

#include "sqlite/SqlValue.h"

#include <optional>
#include <string>
#include <string_view>

/// What of SQLite's values JSON has no form of its own for.

namespace tenon::sqlite
{

/// "Infinity" or "-Infinity"; nothing for other numbers. SQLite has no NaN: it stores NULL in its place.
std::optional<std::string_view> nameOfInfinity(double real);

/// The number of such a name.
std::optional<double> infinityNamed(std::string_view name);

/// Whether a TEXT is UTF-8, as it should be: SQLite takes any bytes.
bool isUtf8(std::string_view text);

/// The text with U+FFFD for each byte that is no part of a valid character.
std::string repaired(std::string_view text);

/// Whether clients that read numbers as doubles, JavaScript's above all, read another one.
bool isBeyondDouble(const SqlValue& value);

} // namespace tenon::sqlite

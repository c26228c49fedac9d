#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace tenon::sqlite
{

struct Blob
{
    std::string data;

    bool operator==(const Blob& other) const { return data == other.data; }
};

/// A value of SQLite: NULL, INTEGER, REAL, TEXT or BLOB.
using SqlValue = std::variant<std::nullptr_t, std::int64_t, double, std::string, Blob>;

/// What the placeholders of a statement stand for: `positional` for "?" and "?1", or `named` for ":a", "@a" and "$a",
/// with or without that first character. Not both.
struct Parameters
{
    std::vector<SqlValue> positional;
    std::map<std::string, SqlValue> named;
};

} // namespace tenon::sqlite

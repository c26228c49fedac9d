#pragma once

namespace tenon::schema
{

/// The dialects of JSON Schema that are spoken.
enum class Dialect
{
    DRAFT_07,
    DRAFT_2020_12
};

} // namespace tenon::schema

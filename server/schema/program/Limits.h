#pragma once

#include <cstddef>

namespace tenon::schema
{

/// What a schema, and one validation against it, may cost. A plugin's schema is as little trusted as a client's
/// arguments.
struct Limits
{
    /// Bytes of JSON text of one schema.
    std::size_t maxTextBytes = 4U * 1024 * 1024;

    /// Nesting of objects and arrays in the schema's text, empty ones not counted.
    std::size_t maxDepth = 256;

    /// Schemas and subschemas of one document.
    std::size_t maxSubschemas = 20000;

    /// Work of one validation: about one step for a subschema applied, a member, an item, a value compared, 64 bytes
    /// searched by a pattern. A million steps take about 10 ms.
    std::size_t maxSteps = 5000000;

    /// Subschemas being applied within one another during a validation; bounds the stack, to about 2 MB in a release
    /// build.
    std::size_t maxEvaluationDepth = 2560;
};

} // namespace tenon::schema

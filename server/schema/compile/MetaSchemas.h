#pragma once

#include "schema/program/Dialect.h"

#include <simdjson.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::schema
{

class Program;

/// One document of a meta-schema: JSON text under its own `$id`.
struct MetaSchema
{
    std::string_view uri; ///< without a fragment
    Dialect dialect;
    std::string_view text;
};

/// The documents that a `$ref` may lead to besides the schema's own; null if `uri` names none of them.
///
/// They say what the meta-schemas of json-schema.org say, without titles, comments and defaults.
const MetaSchema* findMetaSchema(std::string_view uri) noexcept;

extern const std::array<MetaSchema, 9> META_SCHEMAS_2020_12;
extern const MetaSchema META_SCHEMA_DRAFT_07;

/// The meta-schema of a dialect, compiled once.
///
/// Threading: any thread, from the first call on.
const Program& metaProgram(Dialect dialect);

/// Refuses a schema that the dialect's meta-schema finds invalid. `pointer` is where it stands in its document.
///
/// Errors: SchemaException.
void checkAgainstMetaSchema(simdjson::dom::element schema, Dialect dialect, const std::string& pointer);

} // namespace tenon::schema

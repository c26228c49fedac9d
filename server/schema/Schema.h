#pragma once

#include "schema/SchemaException.h"
#include "schema/evaluate/Violation.h"
#include "schema/format/Formats.h"
#include "schema/program/Dialect.h"
#include "schema/program/Limits.h"

#include <simdjson.h>

#include <memory>
#include <string_view>
#include <vector>

namespace tenon::schema
{

class Program;
class Value;

/// A JSON Schema, compiled once and then applied to any number of values.
///
/// Shape:     2020-12, or draft-07 when `$schema` says so. Any other dialect is refused.
/// Threading: immutable; every method may be called from any thread at the same time.
/// Ownership: shared; keeps a parsed copy of its text, borrows nothing.
/// Spec:      JSON Schema Core and Validation 2020-12; draft-07; MCP, JSON Schema Usage.
class Schema
{
public:
    using Ptr = std::shared_ptr<const Schema>;

    /// Compiles a schema.
    ///
    /// A `$ref` resolves within the document or to a meta-schema of the two dialects; nothing is ever fetched.
    ///
    /// Errors: SchemaException for text that is not JSON, a schema that its meta-schema refuses, an unsupported
    /// dialect,
    ///         a reference that does not resolve or leads back to itself, a pattern that RE2 cannot run in linear time,
    ///         and an exceeded limit.
    static Ptr compile(std::string_view jsonText, const Limits& limits = {},
                       FormatMode formats = FormatMode::ANNOTATION);

    /// True if `instance` is valid. Otherwise the first violation found is written to `firstViolation`, if that is not
    /// null.
    ///
    /// Does not allocate for a valid value of an ordinary schema (no `unevaluated*` over 256 members, no large
    /// `uniqueItems`).
    ///
    /// Errors: none thrown; a value too deep or too costly for the limits is invalid, with a violation that says so.
    bool validate(simdjson::dom::element instance, Violation* firstViolation = nullptr) const;

    /// All violations found, at most `limit` (at least 1 is assumed); empty if `instance` is valid.
    std::vector<Violation> violations(simdjson::dom::element instance, std::size_t limit = 8) const;

    Dialect dialect() const noexcept;

    ~Schema();
    Schema(const Schema&) = delete;
    Schema& operator=(const Schema&) = delete;

private:
    Schema(std::unique_ptr<const Program> program, const Limits& limits);
    std::vector<Violation> explain(const Value& value, std::size_t limit) const;

    const std::unique_ptr<const Program> _program;
    const Limits _limits;
};

} // namespace tenon::schema

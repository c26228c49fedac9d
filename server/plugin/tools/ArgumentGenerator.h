#pragma once

#include <simdjson.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// Makes arguments for a tool from its inputSchema: mostly what the schema allows, at its edges and odd places.
///
/// Threading: one thread. The same seed makes the same values.
class ArgumentGenerator
{
public:
    explicit ArgumentGenerator(std::uint64_t seed) : _random(seed) {}

    /// JSON text of a value for `schema`. It need not be valid where the schema says more than types, ranges,
    /// enumerations and required properties: check it with the compiled schema.
    [[nodiscard]] std::string make(const simdjson::dom::element& schema);

private:
    void value(std::string& out, const simdjson::dom::element& schema, int depth);
    void object(std::string& out, const simdjson::dom::element& schema, int depth);
    void array(std::string& out, const simdjson::dom::element& schema, int depth);
    void text(std::string& out, const simdjson::dom::element& schema);
    void integer(std::string& out, const simdjson::dom::element& schema);
    std::uint64_t below(std::uint64_t limit) { return _random() % limit; }

    std::mt19937_64 _random;
};

/// Arguments with one fault each: a member of `arguments` that is missing or of another type, much too long, a member
/// too many.
///
/// Shape: JSON texts of objects; `arguments` is one too.
[[nodiscard]] std::vector<std::string> malformedArguments(const std::string& arguments);

} // namespace tenon::plugin

#pragma once

#include <string>
#include <vector>

namespace tenon::schema
{

/// One place where a value breaks its schema, worded so that a model can correct itself.
struct Violation
{
    /// JSON pointer of the offending value; "" is the whole value. An unknown property is pointed at itself,
    /// a missing one through the object that lacks it.
    std::string instancePath;

    /// The keyword that is broken ("maximum"); "" where no keyword is to blame but a limit.
    std::string keyword;

    /// Where the keyword stands in the schema: "#/properties/count/maximum", with a URI before the '#' in a
    /// meta-schema.
    std::string schemaPath;

    /// A whole clause, with the path in it: "/count must be at most 10, but is 12".
    std::string message;
};

/// All messages as one text, a line each, without a newline at the end.
std::string render(const std::vector<Violation>& violations);

} // namespace tenon::schema

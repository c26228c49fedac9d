#pragma once

#include "schema/program/Program.h"

#include <string>
#include <string_view>
#include <vector>

namespace tenon::schema
{

/// The names that `properties` declare in a subschema and in those it applies to the same value, in their order.
std::vector<std::string_view> knownNames(const Program& program, NodeId id);

/// The name that was most likely meant by `name`; empty if none is near. "file_path" is as near to "filePath" as can
/// be.
std::string_view nearestName(std::string_view name, const std::vector<std::string_view>& known);

/// "'a', 'b' and 'c'", with a count in the place of what is beyond `limit`.
std::string listNames(const std::vector<std::string_view>& names, std::size_t limit);

} // namespace tenon::schema

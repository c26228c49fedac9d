#pragma once

#include <string_view>

namespace tenon::mcp
{

/// Events of types that are a plugin's own: notifications of the method "notifications/<plugin>/<name>".

/// Whether `type` is "<plugin>/<name>", and none that the specification has or may get.
[[nodiscard]] bool isOwnType(std::string_view type);

/// The type of such a method; empty for every other one. Borrows `method`.
[[nodiscard]] std::string_view ownTypeOf(std::string_view method);

} // namespace tenon::mcp

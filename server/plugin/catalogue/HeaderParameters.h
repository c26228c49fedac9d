#pragma once

#include "plugin/catalogue/Catalogue.h"

#include <simdjson.h>

#include <vector>

namespace tenon::plugin
{

/// The `x-mcp-header` annotations of a tool's inputSchema.
///
/// Errors: Poco::DataFormatException for the first annotation that breaks a rule, naming it and the rule: a name that
///         is no header token or not unique (without regard to case); a property whose type is not exactly string,
///         integer or boolean; a place that is not reached from the root through `properties` alone.
/// Spec:   2026-07-28, Streamable HTTP, Custom Headers from Tool Parameters, Schema Extension.
[[nodiscard]] std::vector<HeaderParameter> headerParametersOf(const simdjson::dom::element& inputSchema);

} // namespace tenon::plugin

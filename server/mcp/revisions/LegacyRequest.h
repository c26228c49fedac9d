#pragma once

#include "base/json/JsonDocument.h"
#include "mcp/revisions/ProtocolVersion.h"

#include <string>
#include <string_view>

namespace tenon::mcp
{

/// A question of a plugin, in the newest revision's shape, as the request that a legacy client of `version` knows.
///
/// Shape: `requestId` is JSON text; `request` is `{"method":…,"params":…}`; `taskId` is empty if no task asks.
/// Spec:  elicitation, sampling and roots of 2024-11-05 to 2025-11-25.
[[nodiscard]] std::string legacyRequest(ProtocolVersion version, std::string_view requestId, std::string_view request,
                                        std::string_view taskId);

/// Whether a form has fields that `version` has nothing for: choices of several came with 2025-11-25.
[[nodiscard]] bool formIsTooNew(ProtocolVersion version, const base::JsonDocument::Element& params);

} // namespace tenon::mcp

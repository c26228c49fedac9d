#pragma once

#include "base/json/JsonDocument.h"
#include "mcp/revisions/Results.h"

#include <string>

namespace tenon::mcp
{

/// How a plugin's result breaks the specification; empty: it does not.
///
/// What native code gets wrong and no client can mend: `_meta` that is no object, `ttlMs` below 0, an unknown
/// `cacheScope`, data that is not base64, more completions than a client takes.
///
/// Shape:     `result` is an object in the shape of the newest revision.
/// Threading: any thread.
/// Spec:      the schema of 2026-07-28.
[[nodiscard]] std::string resultFault(ResultKind kind, const base::JsonDocument::Element& result);

} // namespace tenon::mcp

#pragma once

#include "base/json/JsonDocument.h"

#include <string>

namespace tenon::plugin
{

/// What is wrong with a plugin's question to a client, `{"method": …, "params": …}`, whatever the client can do; empty if
/// nothing is.
///
/// Threading: any thread.
/// Spec:      2026-07-28, Elicitation, Sampling, Roots.
[[nodiscard]] std::string questionFault(const base::JsonDocument::Element& request);

} // namespace tenon::plugin

#pragma once

#include "base/json/JsonDocument.h"

#include <string>
#include <string_view>

namespace tenon::client
{

/// The content of a form as a user accepts it: `given` (the text of a JSON object, or empty), and the defaults of the
/// schema for what it leaves out.
///
/// Errors: Poco::DataFormatException if `given` is no JSON object.
/// Spec:   2025-11-25, Elicitation; defaults of all primitive types.
[[nodiscard]] std::string withDefaults(const base::JsonDocument::Element& requestedSchema, std::string_view given);

/// The result of an elicitation that was accepted. Shape: `content` is the text of a JSON object; empty: there is none,
/// as for a page that was opened.
[[nodiscard]] std::string acceptedForm(std::string_view content);

} // namespace tenon::client

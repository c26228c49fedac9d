#pragma once

#include "base/json/JsonDocument.h"

#include <string>

namespace tenon::plugin
{

/// Why a client's answer does not match its form, worded for the user; empty: it matches.
///
/// Shape:     `form` is the `requestedSchema` of an elicitation, `content` the object of its answer; null stands
///            for an empty one. The formats of forms (email, uri, date, date-time) are checked.
/// Errors:    none; a form that is no JSON Schema asks for nothing in particular.
/// Threading: any thread.
/// Spec:      2026-07-28, Elicitation: both sides should validate.
[[nodiscard]] std::string formFault(const base::JsonDocument::Element& form,
                                    const base::JsonDocument::Element* content);

} // namespace tenon::plugin

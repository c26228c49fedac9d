#pragma once

#include "base/JsonDocument.h"

namespace tenon::plugin
{

/// Whether what a client filled in fits the form that it was shown.
///
/// Shape:     `form` is the `requestedSchema` of an elicitation, `content` the object of its answer.
/// Errors:    none; a form that is no JSON Schema asks for nothing in particular.
/// Threading: any thread.
/// Spec:      2026-07-28, Elicitation: both sides should validate.
[[nodiscard]] bool fitsForm(const base::JsonDocument::Element& form, const base::JsonDocument::Element& content);

} // namespace tenon::plugin

#pragma once

#include "base/json/JsonDocument.h"

#include <string>
#include <string_view>

namespace tenon::mcp
{

/// Checks a client's answers against the questions it was asked.
///
/// Errors:    none thrown; a fault is said in words, an empty text is none.
/// Threading: any thread.
/// Spec:      2026-07-28, Elicitation, Sampling, Roots.

/// Why an answer does not fit its question, for the user who is asked again.
[[nodiscard]] std::string answerFault(std::string_view method, const base::JsonDocument::Element& request,
                                      const base::JsonDocument::Element& answer);

/// The question once more, with the reason in front of its message. Sampling and roots have no place for one.
[[nodiscard]] std::string askedAgain(const base::JsonDocument::Element& request, std::string_view fault);

} // namespace tenon::mcp

#pragma once

#include "base/json/JsonDocument.h"

#include <string_view>

namespace tenon::base
{

// The parser makes room for the worst text of its length, about ten times the text. That is nothing for a message and
// much for what stays: a catalogue, lists of other servers, whatever a thread of its own reads now and then.

/// As `JsonDocument::parse`, for a document that stays: it takes what it holds, and the thread keeps nothing for the next.
[[nodiscard]] JsonDocumentPtr parseToKeep(std::string_view text);

/// Gives back what `document` does not need. It must not be parsed into again.
///
/// Errors:    std::bad_alloc; the document is as it was.
/// Ownership: elements taken from it stay good; texts do not.
void fitToContent(simdjson::dom::document& document);

} // namespace tenon::base

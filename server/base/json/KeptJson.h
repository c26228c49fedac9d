#pragma once

#include <simdjson.h>

namespace tenon::base
{

/// Gives back what `document` does not need: the parser makes room for the worst text of its length, about ten times the
/// text, which is much for what stays. It must not be parsed into again.
///
/// Errors:    std::bad_alloc; the document is as it was.
/// Ownership: elements taken from it stay good; texts do not.
void fitToContent(simdjson::dom::document& document);

} // namespace tenon::base

#pragma once

#include "base/json/JsonDocument.h"

#include <string>
#include <string_view>

namespace tenon::client
{

/// Whether `message`, or one of its elements if it is an array, is the response to the request `id` (JSON text).
[[nodiscard]] bool isAnswerTo(const base::JsonDocument::Element& message, std::string_view id);

} // namespace tenon::client

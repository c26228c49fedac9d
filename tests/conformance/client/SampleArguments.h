#pragma once

#include "base/json/JsonDocument.h"

#include <string>

/// Arguments that a tool takes: a value for each property that its input schema requires, as the text of a JSON object.
std::string sampleArguments(const tenon::base::JsonDocument::Element& inputSchema);

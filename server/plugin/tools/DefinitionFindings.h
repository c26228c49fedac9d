#pragma once

#include "plugin/catalogue/OfferReader.h"
#include "plugin/tools/Check.h"

#include <functional>

namespace tenon::plugin
{

/// Looks at what a plugin says about itself: what the server refuses, and what models and people miss.
void reportDefinitions(const Entries& entries, const std::function<void(const Finding&)>& found);

} // namespace tenon::plugin

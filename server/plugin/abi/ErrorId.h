#pragma once

#include <string>

namespace tenon::plugin
{

/// A short random word that a client is told and the log carries with the cause.
[[nodiscard]] std::string makeErrorId();

} // namespace tenon::plugin

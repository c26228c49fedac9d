#pragma once

#include "system/System.h"

#include <string>

namespace tenon::attach
{

/// A connection to the first place where a server listens, or null and why there is none.
///
/// Shape: at `given` alone, if the program gave it; else at TENON_ATTACH_SOCKET; else at the usual places.
[[nodiscard]] plugin::ByteStreamPtr connectToServer(const std::string& given, NoConnection& why);

} // namespace tenon::attach

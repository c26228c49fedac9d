#pragma once

#include "guard/web/HttpReply.h"

#include <string>
#include <string_view>

namespace tenon::guard
{

/// A refusal with a body of `{"error":…,"message":…}`. `error` is one of OAuth's words or of this server's, a literal;
/// `message` says what to change.
[[nodiscard]] Reply refusal(int status, std::string_view error, std::string_view message);

/// 429 or 503 with `Retry-After`, rounded up to whole seconds.
[[nodiscard]] Reply retryLater(int status, std::string_view error, std::string_view message, std::int64_t afterMs);

} // namespace tenon::guard

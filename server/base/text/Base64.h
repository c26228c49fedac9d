#pragma once

#include <string>
#include <string_view>

namespace tenon::base
{

// Base64 (RFC 4648): of the standard alphabet with padding, and URL-safe without.
//
// Reading is strict: false unless the text is the only one for its bytes, so that nothing can be varied or appended.
// Threading: any thread, all functions.

/// Appends the standard form to `out`.
void appendBase64(std::string& out, std::string_view bytes);

[[nodiscard]] std::string toBase64(std::string_view bytes);
[[nodiscard]] std::string toBase64Url(std::string_view bytes);

/// Shape: `bytes` is replaced, and undefined where the text is refused.
[[nodiscard]] bool fromBase64(std::string_view text, std::string& bytes);
[[nodiscard]] bool fromBase64Url(std::string_view text, std::string& bytes);

} // namespace tenon::base

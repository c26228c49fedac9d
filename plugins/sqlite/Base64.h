#pragma once

#include <string>
#include <string_view>

namespace tenon::sqlite
{

/// Bytes of base64, padded or not. False if `base64` is none.
bool decodeBase64(std::string_view base64, std::string& data);

} // namespace tenon::sqlite

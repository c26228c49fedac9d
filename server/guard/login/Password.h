#pragma once

#include <string>
#include <string_view>

namespace tenon::guard
{

/// The form of a password to be put into the settings.
///
/// Shape: "pbkdf2-sha256$<iterations>$<salt, base64>$<hash, base64>". Takes about a quarter of a second.
[[nodiscard]] std::string hashPassword(std::string_view password);

/// Whether `text` has the form `hashPassword` gives.
[[nodiscard]] bool isPasswordHash(std::string_view text);

/// Whether `password` is the one `hash` was made of. False for a malformed hash, after the same time.
[[nodiscard]] bool verifyPassword(std::string_view password, std::string_view hash);

/// A hash that no password fits, for users who do not exist: their refusal must take as long as that of others.
[[nodiscard]] const std::string& impossibleHash();

} // namespace tenon::guard

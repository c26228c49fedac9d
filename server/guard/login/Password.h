#pragma once

#include <string>
#include <string_view>

namespace tenon::guard
{

/// Hashes a password for the settings.
///
/// Shape: "pbkdf2-sha256$<iterations>$<salt, base64>$<hash, base64>". Takes about a quarter of a second.
[[nodiscard]] std::string hashPassword(std::string_view password);

/// Whether `text` has the form `hashPassword` gives.
[[nodiscard]] bool isPasswordHash(std::string_view text);

/// Whether `hash` was made from `password`. A malformed hash takes as long, and gives false.
[[nodiscard]] bool verifyPassword(std::string_view password, std::string_view hash);

/// A hash that no password fits, for users who do not exist: their refusal must take as long as that of others.
[[nodiscard]] const std::string& impossibleHash();

} // namespace tenon::guard

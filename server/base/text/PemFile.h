#pragma once

#include <string>
#include <string_view>

namespace tenon::base
{

/// How the lines around what is looked for end.
inline constexpr std::string_view PEM_CERTIFICATE = "CERTIFICATE-----", PEM_PRIVATE_KEY = "PRIVATE KEY-----";

/// A PEM file, looked at before OpenSSL says in numbers what is wrong with it.
struct PemFile
{
    /// Shape: no fault, and no text, if `path` is empty or a folder, as that of authorities may be.
    PemFile(const std::string& path, std::string_view wanted);

    std::string text;
    std::string fault;  ///< "cannot be read", or "contains no certificate in PEM form"; empty: none
    std::string detail; ///< what the system says to the fault; may be empty
};

} // namespace tenon::base

#pragma once

#include "base/Principal.h"
#include "guard/limits/Clock.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::guard
{

/// A credential that a client presents. Borrows the request.
struct Credential
{
    enum class Kind : char
    {
        BEARER = 'b',     ///< `Authorization: Bearer`, or a token in the query
        PASSWORD = 'p',   ///< `Authorization: Basic`, still in base64
        API_KEY = 'k',    ///< the header of `auth.apikey.header`
        CERTIFICATE = 'c' ///< the subject of a verified client certificate
    };
    Kind kind = Kind::BEARER;
    std::string_view text;
};

struct Verdict
{
    enum class Outcome
    {
        NOT_MINE,     ///< another authenticator may know it
        ACCEPTED,     ///< `principal` is set
        REJECTED,     ///< a failed login
        INSUFFICIENT, ///< genuine, but without the scopes that are required
        UNAVAILABLE   ///< cannot be decided at the moment; not a failed login
    };
    static constexpr std::int64_t REMEMBER_MS = 300'000; ///< for a credential that only the settings know

    Outcome outcome = Outcome::NOT_MINE;
    base::PrincipalPtr principal;
    std::int64_t rememberMs = 0;       ///< how long an accepted credential may be taken for good without another look
    std::string_view description = {}; ///< of what is wrong, for the client; a literal, no quotes or backslashes
    std::string reason;                ///< for the log; never holds the credential
    bool guess = true; ///< REJECTED: counts as a failed login. Not so a genuine credential that has expired: clients
                       ///< show it with every request until they have a new one

    [[nodiscard]] static Verdict rejected(std::string_view description, std::string reason = {})
    {
        return {Outcome::REJECTED,
                nullptr,
                0,
                description,
                reason.empty() ? std::string(description) : std::move(reason),
                true};
    }
};

/// Knows one way to prove an identity.
///
/// Errors:    none is thrown for a credential, whatever it holds.
/// Threading: any thread.
class Authenticator
{
public:
    virtual ~Authenticator() = default;

    [[nodiscard]] virtual Verdict verify(const Credential& credential, const Clock& clock) = 0;
};

} // namespace tenon::guard

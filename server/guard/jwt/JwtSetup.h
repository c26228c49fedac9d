#pragma once

#include "base/settings/Settings.h"
#include "guard/jwt/JwtVerifier.h"
#include "guard/jwt/KeySource.h"
#include "guard/limits/Clock.h"
#include "guard/login/Types.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tenon::guard
{

/// What fetching keys needs and keeps over a change of the settings.
struct KeyFetching
{
    std::shared_ptr<Fetcher> fetcher = Fetcher::web();
    std::vector<std::shared_ptr<RemoteKeys>> keys; ///< one for each issuer; kept as long as its options stay the same
};

/// The pairs of `auth.oauth.scopeTypes`: scope and type.
/// Errors: Poco::InvalidArgumentException for an item of another form or an unknown type.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> readScopeTypes(const base::Settings& settings,
                                                                              const Types& types);

/// The verifier that `auth.jwt.*`, and with `oauth` `auth.oauth.*`, describe.
///
/// Shape:     `ownAudiences` are those that follow from the public URL.
/// Errors:    Poco::Exception worded for the operator: no keys, unreadable files, unknown algorithms or types.
/// Ownership: `types` and `clock` outlive the verifier; `fetching` is borrowed.
[[nodiscard]] std::unique_ptr<JwtVerifier> makeJwtVerifier(const base::Settings& settings, bool oauth,
                                                           std::vector<std::string> ownAudiences, const Types& types,
                                                           const Clock& clock, KeyFetching& fetching);

/// What `tenon token` makes a token of.
struct TokenRequest
{
    std::string subject;
    std::string type;                     ///< empty: no claim
    std::vector<std::string> permissions; ///< empty: no claim
    std::string scope;                    ///< with spaces; empty: no claim
    std::string audience;                 ///< empty: the first that is accepted here, or none
    std::string privateKeyFile;           ///< PEM; empty: `auth.jwt.secretFile` signs
    std::int64_t lifetimeSeconds = 3600;
};

/// Mints a JSON Web Token for trying the server, signed with HS256, RS256, ES256, ES384 or ES512, after the key.
///
/// Errors: Poco::InvalidArgumentException that says which setting or file is missing.
[[nodiscard]] std::string mintToken(const base::Settings& settings, const TokenRequest& request,
                                    const Clock& clock = Clock::system());

} // namespace tenon::guard

#pragma once

#include "base/settings/Settings.h"
#include "guard/login/Authenticator.h"
#include "guard/login/Digest.h"
#include "guard/login/Types.h"

#include <limits>
#include <string>
#include <vector>

namespace tenon::guard
{

/// The tokens of `auth.token.<name>.*`, shown as a bearer token or in the API key's header.
///
/// Only hashes are kept. A token is compared with all of them, even after a match.
///
/// Threading: immutable.
class StaticTokens : public Authenticator
{
public:
    /// Errors: Poco::Exception that names the setting and where it stands, for a missing or malformed hash, an unknown
    ///         type, a malformed date, or two tokens with the same hash.
    StaticTokens(const base::Settings& settings, const Types& types, bool bearer, bool apiKey, const Clock& clock);

    [[nodiscard]] Verdict verify(const Credential& credential, const Clock& clock) override;
    [[nodiscard]] bool empty() const { return _tokens.empty(); }

private:
    struct Token
    {
        Digest digest{};
        base::PrincipalPtr principal;
        std::int64_t expires = std::numeric_limits<std::int64_t>::max(); ///< seconds since 1970
    };

    const bool _bearer, _apiKey;
    std::vector<Token> _tokens;
};

/// The tokens that let nobody in any more, a line each, with the place of `auth.token.<name>.expires`.
///
/// Errors: Poco::Exception for a malformed date.
[[nodiscard]] std::vector<std::string> expiredTokens(const base::Settings& settings, const Clock& clock);

} // namespace tenon::guard

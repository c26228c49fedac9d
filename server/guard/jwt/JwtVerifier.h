#pragma once

#include "base/json/JsonDocument.h"
#include "base/settings/Settings.h"
#include "guard/jwt/KeySource.h"
#include "guard/login/Authenticator.h"
#include "guard/login/Types.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tenon::guard
{

/// Bearer tokens that are JSON Web Tokens.
///
/// A token must be signed with an algorithm its key is meant for (never `none`), name the issuer and the audience that
/// are expected here, have an end that is not past and a beginning that is, and a subject.
///
/// Threading: any thread.
/// Spec:      RFC 7519, RFC 8725; 2026-07-28, Authorization, Token Handling.
class JwtVerifier : public Authenticator
{
public:
    struct Options
    {
        std::vector<std::string> issuers;   ///< empty: any
        std::vector<std::string> audiences; ///< empty: only tokens without `aud`, unless it is demanded
        bool audienceRequired = false;
        std::int64_t skewSeconds = 30;
        std::string typeClaim, permissionsClaim; ///< empty: not looked at
        std::string defaultType;                 ///< empty: tokens that lead to no type are refused
        std::vector<std::string> requiredScopes;
        std::vector<std::pair<std::string, std::string>> scopeTypes; ///< scope and type
        std::vector<std::string>
            forwardTo; ///< audiences of servers behind this one that get the tokens made out to them
    };

    /// Ownership: `types` outlives the object.
    JwtVerifier(Options options, std::vector<std::shared_ptr<KeySource>> sources, const Types& types);

    [[nodiscard]] Verdict verify(const Credential& credential, const Clock& clock) override;

private:
    struct Parts;
    using Element = base::JsonDocument::Element;

    /// The verdict on header and signature; ACCEPTED without a principal.
    [[nodiscard]] Verdict checkSignature(const Parts& parts);
    [[nodiscard]] Verdict checkClaims(const Element& claims, const Clock& clock) const;
    [[nodiscard]] Verdict checkAudience(const Element& claims) const;
    [[nodiscard]] Verdict admit(const Element& claims, std::string_view token, const Clock& clock) const;
    [[nodiscard]] base::ForwardedTokenPtr forwardable(const Element& claims, std::string_view token) const;
    [[nodiscard]] std::string typeOf(const Element& claims, const std::vector<std::string>& scopes) const;

    const Options _options;
    const std::vector<std::shared_ptr<KeySource>> _sources;
    const Types& _types;
};

} // namespace tenon::guard

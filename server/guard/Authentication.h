#pragma once

#include "base/settings/Settings.h"
#include "guard/Admission.h"
#include "guard/jwt/JwtSetup.h"
#include "guard/limits/Logins.h"
#include "guard/login/Authenticator.h"
#include "guard/login/Challenges.h"
#include "guard/login/CredentialCache.h"
#include "guard/login/CredentialFinder.h"
#include "guard/login/Types.h"
#include "guard/web/Bind.h"
#include "guard/web/RequestFacts.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::guard
{

/// Finds the principal that a request's credential belongs to, or makes the refusal.
///
/// Threading: any thread.
class Authentication
{
public:
    /// Errors:    Poco::Exception worded for the operator.
    /// Ownership: `types`, `clock` and `logins` outlive the object; `fetching` is borrowed.
    Authentication(const base::Settings& settings, const Bind& bind, const Types& types, const Clock& clock,
                   Logins& logins, KeyFetching& fetching);

    struct Result
    {
        base::PrincipalPtr principal; ///< null: refused
        std::unique_ptr<Reply> refusal;
    };

    /// Who asks. Where nobody is ever asked, `everybody` says it.
    [[nodiscard]] Result authenticate(const RequestFacts& facts, std::string_view clientAddress);

    /// The answer to a principal who lacks a permission.
    [[nodiscard]] Reply forbidden(std::string_view path, base::Access access, std::string_view message,
                                  std::string_view name, bool readOnly) const;

    /// Whether nobody comes in without credentials.
    [[nodiscard]] bool demandsCredentials() const { return !_anonymous; }

    /// Null without OAuth.
    [[nodiscard]] const ProtectedResource* resource() const { return _challenges.resource.get(); }
    [[nodiscard]] const std::string& apiKeyHeader() const { return _finder.apiKeyHeader; }

    /// Who everybody is, if nobody is ever asked; else null.
    [[nodiscard]] const base::PrincipalPtr& everybody() const { return _everybody; }

private:
    void setAnonymous(const base::Settings& settings, const Bind& bind, bool alone);
    void setResource(const base::Settings& settings, const Bind& bind);
    [[nodiscard]] Verdict ask(const Credential& credential);
    [[nodiscard]] Result judge(const RequestFacts& facts, std::string_view clientAddress, const Credential& credential);
    [[nodiscard]] Result refused(const RequestFacts& facts, std::string_view clientAddress, const Verdict& verdict);

    // Constant after construction.
    const Types& _types;
    const Clock& _clock;
    std::vector<std::unique_ptr<Authenticator>> _authenticators;
    CredentialFinder _finder;
    Challenges _challenges;
    std::vector<std::pair<std::string, std::string>> _scopeTypes;
    base::PrincipalPtr _anonymous; ///< null: credentials are demanded
    base::PrincipalPtr _everybody;
    std::uint32_t _loginsPerMinute;

    // Synchronised by themselves.
    Logins& _logins;
    CredentialCache _cache;
};

/// The authentication types that are on.
/// Errors: SettingsException for one that does not exist.
[[nodiscard]] std::vector<std::string> authenticationTypes(const base::Settings& settings);

/// The key under which an address's rates are counted: itself, or for IPv6 its /64, which is what one customer gets.
[[nodiscard]] std::string rateKey(std::string_view address);

} // namespace tenon::guard

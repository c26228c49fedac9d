#pragma once

#include "base/settings/Settings.h"
#include "guard/login/Authenticator.h"
#include "guard/login/Types.h"

#include <map>
#include <string>

namespace tenon::guard
{

/// Client certificates, which the TLS layer has verified: the subject is the principal.
///
/// Threading: immutable.
class Certificates : public Authenticator
{
public:
    /// Errors:    Poco::InvalidArgumentException that names the setting.
    /// Ownership: `types` outlives this.
    Certificates(const base::Settings& settings, const Types& types);

    [[nodiscard]] Verdict verify(const Credential& credential, const Clock& clock) override;

private:
    std::map<std::string, base::PrincipalPtr, std::less<>> _bySubject;
    std::string _otherType;
    const PrincipalType* _others = nullptr; ///< null: subjects that are not listed are refused
};

} // namespace tenon::guard

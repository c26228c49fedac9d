#pragma once

#include "base/settings/Settings.h"
#include "guard/login/Authenticator.h"
#include "guard/login/Types.h"

#include <atomic>
#include <map>
#include <string>

namespace tenon::guard
{

/// The users of `auth.user.<name>.*`, with passwords.
///
/// A look at a password takes a quarter of a second of computing on purpose: two go on at a time, more are told to come
/// back, so that guessing cannot take all threads of the server.
///
/// Threading: any thread.
/// Spec:      RFC 7617.
class Users : public Authenticator
{
public:
    /// Errors: Poco::InvalidArgumentException that names the setting.
    Users(const base::Settings& settings, const Types& types);

    [[nodiscard]] Verdict verify(const Credential& credential, const Clock& clock) override;

private:
    struct User
    {
        std::string hash;
        base::PrincipalPtr principal;
    };

    std::map<std::string, User, std::less<>> _users; // constant after construction
    std::atomic<int> _checking{0};
};

} // namespace tenon::guard

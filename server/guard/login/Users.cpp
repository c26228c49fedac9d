#include "guard/login/Users.h"

#include "base/text/Base64.h"
#include "guard/login/Password.h"
#include "guard/login/Rules.h"

namespace tenon::guard
{

namespace
{

constexpr int MAX_CHECKING = 2;

/// Counts who is inside; says whether there was room.
class Turnstile
{
public:
    explicit Turnstile(std::atomic<int>& inside) : _inside(inside), _entered(_inside.fetch_add(1) < MAX_CHECKING) {}
    ~Turnstile() { _inside.fetch_sub(1); }
    Turnstile(const Turnstile&) = delete;
    Turnstile& operator=(const Turnstile&) = delete;
    [[nodiscard]] bool entered() const { return _entered; }

private:
    std::atomic<int>& _inside;
    const bool _entered;
};

} // namespace

Users::Users(const base::Settings& settings, const Types& types)
{
    for (const std::string& name : settings.namesUnder("auth.user."))
    {
        const std::string prefix = "auth.user." + name + ".";
        User user;
        requireKey(settings, prefix, "password", "a user");
        const std::string type = settings.text(prefix + "type");
        std::shared_ptr<const base::Permissions> own;
        if (settings.isSet(prefix + "permissions"))
            own = readPermissions(settings, prefix + "permissions");
        user.principal = Types::make(types.require(type, settings.at(prefix + "type")),
                                     {"user:" + name, name, type, {}, std::move(own)});
        user.hash = settings.text(prefix + "password");
        if (!isPasswordHash(user.hash))
            settings.refuse(prefix + "password",
                            "must be the output of `tenon hash-password`, not the password itself");
        _users.emplace(name, std::move(user));
    }
    if (_users.empty())
        settings.refuse("auth.type", "names basic, but there is no user: set auth.user.<name>.password");
    (void)impossibleHash(); // made now: the first unknown user must not take longer than the second
}

Verdict Users::verify(const Credential& credential, const Clock&)
{
    if (credential.kind != Credential::Kind::PASSWORD)
        return {};

    std::string pair;
    std::size_t colon = std::string::npos;
    if (!base::fromBase64(credential.text, pair) || (colon = pair.find(':')) == std::string::npos)
        return Verdict::rejected("The credentials are not the base64 form of user:password");

    const Turnstile turnstile(_checking);
    if (!turnstile.entered())
        return {Verdict::Outcome::UNAVAILABLE,
                nullptr,
                0,
                "Too many passwords are being checked; try again in a second",
                {},
                false};

    const std::string_view name = std::string_view(pair).substr(0, colon);
    const std::string_view password = std::string_view(pair).substr(colon + 1);
    const auto user = _users.find(name);
    const bool known = user != _users.end();
    if (!verifyPassword(password, known ? user->second.hash : impossibleHash()) || !known)
        return Verdict::rejected("The user or the password is wrong",
                                 known ? "wrong password of user '" + user->first + "'" : "unknown user");
    return {Verdict::Outcome::ACCEPTED, user->second.principal, Verdict::REMEMBER_MS, {}, {}, false};
}

} // namespace tenon::guard

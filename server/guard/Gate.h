#pragma once

#include "base/Principal.h"
#include "base/settings/Settings.h"
#include "guard/Admission.h"
#include "guard/limits/Clock.h"
#include "guard/web/Bind.h"
#include "guard/web/RequestFacts.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::store
{
class SharedLimits;
}

namespace tenon::guard
{

/// Decides who comes in: Host, Origin, credentials, rate, in this order.
///
/// With the default settings (no authentication, loopback) an admission allocates nothing and takes no lock, and no
/// reload stalls one, whatever it waits for.
///
/// Errors:    none is thrown for a request, whatever it holds; a refusal is a value.
/// Threading: any thread, all functions.
/// Spec:      2026-07-28, Authorization; Transports, Security Warning.
class Gate
{
public:
    /// Errors: Poco::Exception, worded for the operator, for settings that contradict each other (a token without a
    ///         hash, a type nobody defined, unreadable keys).
    /// Ownership: `clock` and `limits` outlive the gate; without limits nobody else counts.
    Gate(const base::Settings& settings, const Bind& bind, const Clock& clock = Clock::system(),
         store::SharedLimits* limits = nullptr);
    ~Gate();

    /// Fetches no more keys, at the end of the server. False if some are being fetched still: the network takes its time,
    /// and the destructor waits for it.
    [[nodiscard]] bool stop();

    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    [[nodiscard]] Admission admit(const RequestFacts& facts);

    /// The same for who admits one request after the other: what the latest got stays as it is if it stands for this one
    /// too.
    ///
    /// Shape: `admission` is the latest that this gate gave, or an empty one; borrows the facts as in any.
    void renew(const RequestFacts& facts, Admission& admission);

    /// Another message of who was admitted, over a connection that carries many: only its rate is looked at.
    ///
    /// Shape: borrows `clientAddress`; `headers` are empty unless it is refused.
    [[nodiscard]] Admission again(const base::PrincipalPtr& principal, std::string_view clientAddress);

    /// Answers OPTIONS: a CORS preflight, or a plain one (204 with `Allow`).
    ///
    /// Shape: `methods` as for `Allow`: "GET, POST, DELETE, OPTIONS".
    [[nodiscard]] Reply preflight(const RequestFacts& facts, std::string_view methods);

    /// The answer to a principal who lacks a permission: 403, with `WWW-Authenticate: … insufficient_scope` where OAuth
    /// is on. `path` is the request's; `message` says what is missing, for the client to read; `name` and `readOnly`
    /// are Permissions' own.
    [[nodiscard]] Reply forbid(std::string_view path, base::Access access, std::string_view message,
                               std::string_view name = {}, bool readOnly = false) const;

    /// The Protected Resource Metadata (RFC 9728) for a request path, "/.well-known/oauth-protected-resource" or the
    /// form with the endpoint's path behind it; empty: there is none.
    [[nodiscard]] std::string resourceMetadata(std::string_view path) const;

    /// Whether nobody comes in without credentials: then strangers are told nothing, not even a version.
    [[nodiscard]] bool demandsCredentials() const;

    /// The types of principals there are, for operators who ask what one would see.
    [[nodiscard]] std::vector<std::string> typeNames() const;

    /// A principal of a type that nobody logged in as; null if there is no such type.
    [[nodiscard]] base::PrincipalPtr principalOfType(std::string_view type) const;

    /// The limits of a type; none if there is no such type.
    [[nodiscard]] base::HolderLimits limitsOfType(std::string_view type) const;

    /// Takes over the settings that may change while running.
    /// Errors: as the constructor and `checkBind`, or if credentials were asked for and `auth.type` is not there any more;
    ///         everything stays as it was.
    void reload(const base::Settings& settings);

private:
    struct Impl;
    std::unique_ptr<Impl> _impl;
};

/// The settings of this room.
[[nodiscard]] std::vector<base::SettingSpec> settings();

/// Refuses to listen on an address that others can reach if everybody would be let in.
///
/// Errors: Poco::InvalidArgumentException that says what to set; none for loopback addresses.
void checkBind(const base::Settings& settings, const Bind& bind);

/// What the settings of logins allow nobody to do, a line each with its place: a token that has expired, a type that may use
/// nothing.
///
/// Errors: Poco::Exception for settings that `checkSettings` refuses.
[[nodiscard]] std::vector<std::string> loginsWithoutUse(const base::Settings& settings);

/// Says what `checkBind` and the constructor of a gate would say, without asking the network for anything.
///
/// Errors: theirs.
void checkSettings(const base::Settings& settings, const Bind& bind);

} // namespace tenon::guard

#pragma once

#include "base/Principal.h"
#include "client/http/Credentials.h"

#include <memory>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// Lets one caller in at a server behind this one, with the token that the caller let itself in with here.
///
/// Threading: any thread.
/// Spec:      2026-07-28, Authorization, Access Token Privilege Restriction: the token must be made out to that server.
class CallerToken final : public client::Credentials
{
public:
    /// Shape: `token` is not null.
    explicit CallerToken(base::ForwardedTokenPtr token) : _token(std::move(token)) {}

    void apply(Poco::Net::HTTPRequest& request, const Poco::URI& uri) override;
    bool improve(const Poco::Net::HTTPRequest& sent, const Poco::Net::HTTPResponse& refusal, const Poco::URI& uri,
                 int attempt) override;

private:
    const base::ForwardedTokenPtr _token;
};

/// Whether `token` may be shown to `audience`.
[[nodiscard]] bool isMadeOutTo(const base::ForwardedToken* token, std::string_view audience);

} // namespace tenon::plugin

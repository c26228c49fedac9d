#pragma once

#include "guard/login/ProtectedResource.h"
#include "guard/web/HttpReply.h"

#include <memory>
#include <string>
#include <string_view>

namespace tenon::guard
{

/// Composes `WWW-Authenticate`.
///
/// Threading: immutable.
/// Spec:      RFC 6750, 3; RFC 7617; RFC 9728, 5.1; 2026-07-28, Authorization, Scope Selection Strategy, Error
/// Handling.
struct Challenges
{
    bool bearer = false, password = false;
    std::string apiKeyHeader;  ///< empty: not in use
    std::string requiredScope; ///< what every token must have, with spaces; empty: none
    std::string leastScope;    ///< the same and the least that allows anything: what a client should ask for first
    std::shared_ptr<const ProtectedResource> resource; ///< null without OAuth

    /// 401. Shape: `error` as in RFC 6750, empty if nothing was shown; both texts without quotes and backslashes.
    [[nodiscard]] Reply unauthorized(std::string_view path, std::string_view error, std::string_view description) const;

    /// 403, `insufficient_scope` for bearer tokens.
    [[nodiscard]] Reply forbidden(std::string_view path, std::string_view scope, std::string_view description) const;

private:
    [[nodiscard]] std::string bearerChallenge(std::string_view path, std::string_view error,
                                              std::string_view description, std::string_view scope) const;
};

} // namespace tenon::guard

#pragma once

#include "guard/login/Authenticator.h"
#include "guard/web/RequestFacts.h"

#include <string>

namespace tenon::guard
{

/// Where credentials are looked for in a request.
///
/// Threading: immutable.
struct CredentialFinder
{
    bool bearer = false, password = false, certificate = false;
    bool queryToken = false;  ///< `?token=` on streams of the HTTP+SSE transport
    std::string apiKeyHeader; ///< empty: not in use

    enum class Found
    {
        NOTHING,
        CREDENTIAL,
        MALFORMED, ///< the header makes no sense, or the credential is shown twice
        UNWANTED   ///< there is one, of a kind or in a place that is not accepted
    };

    /// Shape: `buffer` takes a credential that has to be decoded first; `credential` borrows the request or it.
    [[nodiscard]] Found find(const RequestFacts& facts, Credential& credential, std::string& buffer) const;
};

} // namespace tenon::guard

#pragma once

#include <Poco/Net/HTTPResponse.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::client
{

/// One challenge of a `WWW-Authenticate` header.
struct Challenge
{
    std::string scheme;                            ///< in lower case
    std::map<std::string, std::string> parameters; ///< names in lower case

    /// Empty if it is not there.
    [[nodiscard]] std::string get(const std::string& name) const;

    /// All challenges of a header's value, however they are mixed with their parameters.
    ///
    /// Spec: RFC 9110, 11.6.1.
    [[nodiscard]] static std::vector<Challenge> parse(std::string_view header);

    /// The challenge for a bearer or DPoP token in the answer; an empty one if there is none.
    [[nodiscard]] static Challenge of(const Poco::Net::HTTPResponse& response);

    /// If the answer asks for credentials, but not for a token: their scheme, in lower case. Else empty.
    [[nodiscard]] static std::string otherScheme(const Poco::Net::HTTPResponse& response);
};

/// The texts between the spaces of `list`, each once, in order.
[[nodiscard]] std::vector<std::string> scopesOf(std::string_view list);
/// Both, each scope once.
[[nodiscard]] std::string unionOf(std::string_view first, std::string_view second);

} // namespace tenon::client

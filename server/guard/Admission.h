#pragma once

#include "base/Principal.h"
#include "guard/limits/TypeLimits.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::guard
{

/// Name and value of a response header; both are free of control characters.
using HeaderPair = std::pair<std::string, std::string>;
using HeaderPairs = std::vector<HeaderPair>;

/// A finished HTTP answer: a refusal or the answer to a preflight.
struct Reply
{
    int status = 0;
    HeaderPairs headers;          ///< Content-Type included if there is a body; Content-Length is the transport's
    std::string body;             ///< JSON, {"error":…,"message":…}; says what to change. May be empty
    std::string_view reason = {}; ///< of a refusal, one of a few literals, for metrics: "origin_not_allowed"
};

/// The gate's word on one request.
struct Admission
{
    base::PrincipalPtr principal;   ///< null: refused
    std::unique_ptr<Reply> refusal; ///< set exactly if refused; holds all headers that are due
    TypeLimits limits;              ///< what the principal may have at a time; the transports see to it
    std::string holder;  ///< under which that is counted: its id, or the address of an anonymous one; empty: no limits
    HeaderPairs headers; ///< to be added to whatever is answered: CORS, RateLimit-*. Empty in the common case
    std::string_view clientAddress; ///< of the peer, or as a trusted proxy reports it; borrows the facts
    bool secure = false;            ///< the client speaks TLS, with us or with a trusted proxy

    [[nodiscard]] bool admitted() const { return principal != nullptr; }
};

} // namespace tenon::guard

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::guard
{

/// Name, a literal, and value of a response header; both are free of control characters.
using HeaderPair = std::pair<std::string_view, std::string>;
using HeaderPairs = std::vector<HeaderPair>;

/// A finished HTTP answer: a refusal or the answer to a preflight.
struct Reply
{
    int status = 0;
    HeaderPairs headers;          ///< Content-Type included if there is a body; Content-Length is the transport's
    std::string body;             ///< JSON, {"error":…,"message":…}; says what to change. May be empty
    std::string_view reason = {}; ///< of a refusal, one of a few literals, for metrics: "origin_not_allowed"
};

} // namespace tenon::guard

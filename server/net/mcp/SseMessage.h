#pragma once

#include "net/mcp/SseProfile.h"
#include "net/route/Endpoint.h"

#include <string>
#include <string_view>

namespace tenon::net
{

/// What a POST of a HTTP+SSE client holds.
struct SseMessage
{
    std::string id;     ///< of the session
    std::string body;   ///< JSON-RPC; empty: the request's body as it is
    std::string method; ///< read only where a profile needs it
    std::string tool;

    /// Reads it as the profile has it. Errors: false, and in `fault` what is wrong with it.
    [[nodiscard]] bool read(const Request& request, const SseProfile& profile, std::string& fault);

private:
    void readBody(const Request& request, const SseProfile& profile, std::string& fault);
};

/// The value of `name` in a query, as it stands there; ids need no decoding.
[[nodiscard]] std::string_view queryValue(std::string_view query, std::string_view name);

} // namespace tenon::net

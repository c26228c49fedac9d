#pragma once

#include "base/Principal.h"
#include "base/limits/HolderLimits.h"
#include "guard/web/HttpReply.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::guard
{

/// The gate's decision on one request.
struct Admission
{
    base::PrincipalPtr principal;   ///< null: refused
    std::unique_ptr<Reply> refusal; ///< set exactly if refused; holds all headers that are due
    base::HolderLimits limits;      ///< what the principal may have at a time; whoever has the thing sees to it
    std::string holder;  ///< under which that is counted: its id, or for an anonymous one its address (IPv6: the /64)
    HeaderPairs headers; ///< to be added to whatever is answered: CORS, RateLimit-*. Empty in the common case
    std::string_view clientAddress; ///< of the peer, or as a trusted proxy reports it; borrows the facts
    bool secure = false;            ///< the client speaks TLS, with us or with a trusted proxy

    // Of one that says the same of every further request from that address which has no Origin, until settings change.
    std::uint64_t standing = 0; ///< the gate's settings that it came of; 0: it is of one request alone
    std::string peer;           ///< whose requests

    [[nodiscard]] bool admitted() const { return principal != nullptr; }
};

} // namespace tenon::guard

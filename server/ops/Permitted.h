#pragma once

#include "base/Principal.h"
#include "guard/Gate.h"

#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

namespace tenon::ops
{

/// Whether who asks has the permission; if not, the refusal has been sent.
///
/// Threading: one thread a request.
[[nodiscard]] bool permitted(const Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response,
                             const guard::Gate& gate, base::Access access);

} // namespace tenon::ops

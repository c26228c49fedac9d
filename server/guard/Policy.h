#pragma once

#include "guard/Authentication.h"
#include "guard/Gate.h"
#include "guard/login/Types.h"
#include "guard/web/Cors.h"
#include "guard/web/Origins.h"
#include "guard/web/Proxies.h"

namespace tenon::guard
{

/// All that follows from one state of the settings. Replaced as a whole when they are read again.
///
/// Threading: immutable, but for what is synchronised by itself.
struct Policy
{
    /// Errors: Poco::Exception worded for the operator.
    Policy(const base::Settings& settings, const Bind& bind, const Clock& clock, Logins& logins, KeyFetching& fetching);
    Policy(const Policy&) = delete;
    Policy& operator=(const Policy&) = delete;

    const Origins origins;
    const Proxies proxies;
    const Types types;
    Authentication authentication;
    const Cors cors;
    const std::uint32_t anonymousPerMinute; ///< requests of an address without authentication; 0: no limit
};

} // namespace tenon::guard

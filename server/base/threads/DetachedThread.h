#pragma once

#include <functional>

namespace tenon::base
{

/// Runs `body` on a thread of its own that nobody joins. `body` must not throw (see ThreadRoot.h).
///
/// Not `std::thread(…).detach()`: in MinGW's runtime a thread that is detached while it ends is given back twice, and of
/// two that begin later one never runs.
///
/// Errors:    std::system_error if the system has no thread to give.
/// Threading: any thread.
void startDetached(std::function<void()> body);

} // namespace tenon::base

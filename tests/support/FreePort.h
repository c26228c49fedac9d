#pragma once

#include <cstdint>

namespace tenon::tests
{

/// A port of 127.0.0.1 that nobody listens on, from a range (25000 to 29999) of which the system gives no port to a connection
/// by itself: one from there stays free until the program that it is for listens on it. Any thread may ask.
[[nodiscard]] std::uint16_t freePort();

} // namespace tenon::tests

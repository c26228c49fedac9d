#pragma once

#include <cstddef>

namespace tenon::net
{

/// Processors this process may run on, at least 1: a process tied to one of many gets one thread, not many.
[[nodiscard]] std::size_t usableProcessors() noexcept;

} // namespace tenon::net

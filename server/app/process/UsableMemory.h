#pragma once

#include <cstdint>

namespace tenon::app
{

/// Bytes of memory this process may use: what the machine has, or less where its control group says so.
[[nodiscard]] std::uint64_t usableMemory() noexcept;

} // namespace tenon::app

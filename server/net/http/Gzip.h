#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

/// The parts as one gzip member; empty if it would not be smaller, or there is no memory for it.
[[nodiscard]] std::string gzip(std::span<const std::string_view> parts) noexcept;

} // namespace tenon::net

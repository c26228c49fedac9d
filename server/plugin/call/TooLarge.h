#pragma once

#include <cstddef>
#include <string>

namespace tenon::plugin
{

/// What is said of a result that has `bytes` and may have `most`, worded so that a model asks for less.
[[nodiscard]] std::string resultTooLarge(std::size_t bytes, std::size_t most);

} // namespace tenon::plugin

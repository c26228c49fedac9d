#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What targets share.
namespace tenon::fuzz
{

/// A target whose demand is not met has found something.
inline void demand(bool truth)
{
    if (!truth)
        std::abort();
}

/// An input whose first line says something about the rest.
struct Input
{
    std::string_view line, rest;

    Input(const std::uint8_t* data, std::size_t size)
    {
        const std::string_view all(reinterpret_cast<const char*>(data), size);
        const auto end = std::min(all.find('\n'), all.size());
        line = all.substr(0, end);
        rest = all.substr(std::min(end + 1, all.size()));
    }
};

} // namespace tenon::fuzz

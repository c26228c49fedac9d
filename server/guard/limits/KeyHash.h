#pragma once

#include <cstdint>
#include <string_view>

namespace tenon::guard
{

/// Hashes keys that strangers choose from a secret start, so that nobody outside can aim at a place in a table.
///
/// Threading: immutable.
class KeyHash
{
public:
    KeyHash();

    /// Shape: never 0.
    [[nodiscard]] std::uint64_t operator()(std::string_view text) const;

private:
    const std::uint64_t _seed;
};

} // namespace tenon::guard

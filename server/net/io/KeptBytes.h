#pragma once

#include "base/limits/HolderBudgets.h"

#include <cstddef>
#include <memory>
#include <span>

namespace tenon::net
{

/// Bytes that came and cannot be used yet, counted for who sent them.
///
/// Threading: one thread at a time.
class KeptBytes
{
public:
    explicit KeptBytes(base::HolderShare share) : _share(std::move(share)) {}

    /// Those that are kept; `base::JsonDocument::PADDING` readable ones follow. They may be changed.
    [[nodiscard]] std::span<char> bytes() { return {_bytes.get() + _begin, _size}; }

    /// Shape:  room for `wanted` bytes in all is made at once, as far as `bytes` are a good part of them.
    /// Errors: false if the sender has no memory for it; std::bad_alloc.
    [[nodiscard]] bool append(std::span<const char> bytes, std::size_t wanted);

    /// Forgets those in front.
    void drop(std::size_t count);

private:
    base::HolderShare _share;
    std::unique_ptr<char[]> _bytes;
    std::size_t _begin = 0;
    std::size_t _size = 0;
    std::size_t _capacity = 0;
};

} // namespace tenon::net

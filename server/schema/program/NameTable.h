#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tenon::schema
{

/// A fixed set of names, numbered in the order they were added: the members a schema knows, or the strings of an
/// `enum`.
///
/// Threading: `find` from any thread once the last `add` has returned.
/// Ownership: borrows the names.
class NameTable
{
public:
    static constexpr std::uint32_t NOT_FOUND = UINT32_MAX;

    /// The number of `name`, which is added if it is new.
    std::uint32_t add(std::string_view name);

    std::uint32_t find(std::string_view name) const noexcept;

    const std::vector<std::string_view>& names() const noexcept { return _names; }
    std::size_t size() const noexcept { return _names.size(); }

private:
    std::size_t slotOf(std::string_view name) const noexcept;
    void rehash();

    /// Up to here all names are compared, first by length: quicker than any hash.
    static constexpr std::size_t FEW = 8;

    std::vector<std::string_view> _names;
    std::vector<std::uint32_t> _slots; // open addressing, a power of two; empty while there are few names
};

} // namespace tenon::schema

#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tenon::guard
{

/// An IP address as 16 bytes; IPv4 ones as IPv4-mapped IPv6 addresses, so that both forms of one address are equal.
struct Address
{
    std::array<std::uint8_t, 16> bytes{};

    /// Shape: "127.0.0.1", "::1", "[::1]", "fe80::1%eth0"; false if it is none of these.
    [[nodiscard]] static bool parse(std::string_view text, Address& address);

    [[nodiscard]] bool isLoopback() const;
    [[nodiscard]] bool isIPv4() const;

    bool operator==(const Address&) const = default;
};

/// A set of addresses: "10.0.0.0/8", "::1", "192.168.1.7".
///
/// Threading: immutable after construction.
class AddressRanges
{
public:
    /// Errors: Poco::InvalidArgumentException that names the item which is no address or range.
    void add(std::string_view range);

    [[nodiscard]] bool contain(const Address& address) const;
    [[nodiscard]] bool empty() const { return _ranges.empty(); }

private:
    struct Range
    {
        Address base;
        unsigned bits = 128;
    };
    std::vector<Range> _ranges;
};

} // namespace tenon::guard

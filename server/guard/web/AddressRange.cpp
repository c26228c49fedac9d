#include "guard/web/AddressRange.h"

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>

#include <charconv>
#include <cstring>
#include <string>

namespace tenon::guard
{

namespace
{

constexpr unsigned MAPPED_PREFIX_BITS = 96;

bool sameBits(const Address& left, const Address& right, unsigned bits)
{
    const unsigned whole = bits / 8;
    if (std::memcmp(left.bytes.data(), right.bytes.data(), whole) != 0)
        return false;
    const unsigned rest = bits % 8;
    if (rest == 0)
        return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
    return (left.bytes[whole] & mask) == (right.bytes[whole] & mask);
}

} // namespace

bool Address::parse(std::string_view text, Address& address)
{
    if (text.size() > 2 && text.front() == '[' && text.back() == ']')
        text = text.substr(1, text.size() - 2);
    text = text.substr(0, text.find('%'));
    if (text.empty() || text.size() > 45)
        return false;

    Poco::Net::IPAddress parsed;
    if (!Poco::Net::IPAddress::tryParse(std::string(text), parsed))
        return false;
    address.bytes.fill(0);
    if (parsed.family() == Poco::Net::IPAddress::IPv4)
    {
        address.bytes[10] = address.bytes[11] = 0xff;
        std::memcpy(address.bytes.data() + 12, parsed.addr(), 4);
    }
    else
        std::memcpy(address.bytes.data(), parsed.addr(), 16);
    return true;
}

bool Address::isIPv4() const
{
    static constexpr std::array<std::uint8_t, 12> PREFIX = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::memcmp(bytes.data(), PREFIX.data(), PREFIX.size()) == 0;
}

bool Address::isLoopback() const
{
    if (isIPv4())
        return bytes[12] == 127;
    static constexpr std::array<std::uint8_t, 16> LOOPBACK = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return bytes == LOOPBACK;
}

void AddressRanges::add(std::string_view text)
{
    const auto slash = text.find('/');
    Range range;
    bool valid = Address::parse(text.substr(0, slash), range.base);
    if (valid && slash != std::string_view::npos)
    {
        const std::string_view digits = text.substr(slash + 1);
        unsigned bits = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        const unsigned offset = range.base.isIPv4() ? MAPPED_PREFIX_BITS : 0;
        valid = error == std::errc() && end == digits.data() + digits.size() && bits <= 128 - offset;
        range.bits = bits + offset;
    }
    if (!valid)
        throw Poco::InvalidArgumentException("not an IP address or range such as 10.0.0.0/8", std::string(text));
    _ranges.push_back(range);
}

bool AddressRanges::contain(const Address& address) const
{
    for (const Range& range : _ranges)
        if (sameBits(range.base, address, range.bits))
            return true;
    return false;
}

} // namespace tenon::guard

#pragma once

#include "guard/web/AddressRange.h"
#include "guard/web/RequestFacts.h"

#include <string>
#include <string_view>
#include <vector>

namespace tenon::guard
{

/// What the proxies in front say about a request.
struct Forwarding
{
    std::string_view clientAddress; ///< of the first hop that is not a trusted proxy
    std::string_view host;          ///< as the client sent it; empty: not told
    bool secure = false;
};

/// Reads `Forwarded` or `X-Forwarded-*`, from trusted proxies only.
///
/// Only one of the two families is read, the one the proxies are known to set: what a proxy does not set it passes on
/// as the client wrote it.
///
/// Threading: immutable.
/// Spec:      RFC 7239.
class Proxies
{
public:
    Proxies() = default;

    /// Errors: Poco::InvalidArgumentException for what is no address or range.
    Proxies(const std::vector<std::string>& trusted, bool standardHeader);

    /// Whether there are any to trust.
    [[nodiscard]] bool any() const { return !_trusted.empty(); }

    /// Whether anything may be taken from the headers of a request from `peerAddress`.
    [[nodiscard]] bool trust(std::string_view peerAddress) const;

    /// Of a request from a trusted peer. Borrows the headers' values.
    [[nodiscard]] Forwarding read(const RequestFacts& facts) const;

private:
    [[nodiscard]] Forwarding readStandard(const RequestFacts& facts) const;
    [[nodiscard]] Forwarding readCustomary(const RequestFacts& facts) const;

    AddressRanges _trusted;
    bool _standardHeader = false;
};

} // namespace tenon::guard

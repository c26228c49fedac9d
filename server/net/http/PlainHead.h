#pragma once

#include "net/http/HeadParser.h"
#include "net/http/RequestHead.h"

#include <string_view>

namespace tenon::net
{

/// Reads the head of a request in one pass if it looks as nearly all clients write it: HTTP/1.1, a path, one line a field,
/// nothing repeated that frames the message. It decides nothing in doubt: whatever is not plain is HeadParser's, which
/// accepts all that is accepted here, and understands it in the same way (tests/fuzz/head.cpp holds both against each
/// other).
///
/// Threading: stateless but for `head`.
/// Spec:      RFC 9110, RFC 9112.
class PlainHead
{
public:
    /// True with `head` filled in; false, with `head` in any state, if the head is not plain or not complete.
    [[nodiscard]] static bool parse(std::string_view bytes, const HeadParser::Limits& limits,
                                    RequestHead& head) noexcept;
};

} // namespace tenon::net

#pragma once

#include "net/http/HeadMemory.h"
#include "net/http/HeadParser.h"
#include "net/http/RequestHead.h"

#include <string_view>

namespace tenon::net
{

/// Reads the head of a request in one pass if it looks as nearly all clients write it: HTTP/1.1, a path, one line a field,
/// nothing repeated that frames the message. It decides nothing in doubt: whatever is not plain is HeadParser's, which
/// accepts all that is accepted here, and understands it in the same way (tests/fuzz/head.cpp holds both against each
/// other). What is as it was in the head that `memory` has is not read again.
///
/// Threading: stateless but for `head` and `memory`.
/// Spec:      RFC 9110, RFC 9112.
class PlainHead
{
public:
    /// True with `head` filled in; false, with `head` in any state, if the head is not plain or not complete.
    ///
    /// Shape: `memory` has met no other limits.
    [[nodiscard]] static bool parse(std::string_view bytes, const HeadParser::Limits& limits, RequestHead& head,
                                    HeadMemory& memory) noexcept;
};

} // namespace tenon::net

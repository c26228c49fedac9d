#pragma once

#include "base/text/HeaderFields.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tenon::net
{

/// The head of one HTTP request: request line and header fields, as `HeadParser` found them.
///
/// Threading: one thread at a time; every thread of the front has one and uses it again.
/// Ownership: all texts borrow the buffer that was parsed.
class RequestHead final : public base::HeaderFields
{
public:
    std::string_view method;
    std::string_view target; ///< as sent
    std::string_view path;   ///< of the target, not decoded; "*" for `OPTIONS *`
    std::string_view query;  ///< without the question mark
    std::uint64_t contentLength = 0;
    std::size_t length = 0; ///< bytes of the head, the empty line included
    int minorVersion = 1;   ///< HTTP/1.x
    bool chunked = false;
    bool keepAlive = true;
    bool expectsContinue = false;

    /// Forgets everything, for the next request.
    void clear()
    {
        HeaderFields::clear();
        method = target = path = query = {};
        contentLength = 0;
        length = 0;
        minorVersion = 1;
        chunked = expectsContinue = false;
        keepAlive = true;
    }
};

} // namespace tenon::net

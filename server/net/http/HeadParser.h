#pragma once

#include "net/http/RequestHead.h"

#include <cstddef>
#include <string_view>

namespace tenon::net
{

/// Reads the head of a HTTP/1.x request: strict, bounded, without a copy.
///
/// Whatever two readers of one byte stream could understand differently is refused: bare LF or CR, folded lines, white
/// space before a colon or around the request line, control characters and NUL, a Content-Length that is signed,
/// repeated, listed or accompanied by Transfer-Encoding, a Transfer-Encoding that is not exactly `chunked` or comes
/// with HTTP/1.0, no Host or several, a Host that contradicts an absolute target, repeated fields that must be single.
///
/// Threading: stateless but for `head`.
/// Spec:      RFC 9110, RFC 9112.
class HeadParser
{
public:
    struct Limits
    {
        std::size_t headBytes = 16384;  ///< of request line and fields: 431
        std::size_t targetBytes = 8192; ///< of the request target: 414
    };

    enum class State
    {
        INCOMPLETE,
        COMPLETE, ///< `head` is filled in
        REFUSED   ///< `status` says how
    };

    struct Result
    {
        State state = State::INCOMPLETE;
        int status = 0;
        const char* reason = ""; ///< for the client; static
    };

    /// Parses the head that `bytes` begin with, of any kind, line by line; what is plain is read faster by PlainHead. An
    /// incomplete head is refused as early as its complete lines allow.
    static Result parse(std::string_view bytes, const Limits& limits, RequestHead& head);

    /// Looks for the end of a head that `parse` found incomplete, from where the last look ended.
    ///
    /// Shape: `scanned` counts the bytes looked at so far; COMPLETE says that `parse` will not say INCOMPLETE.
    static Result scan(std::string_view bytes, const Limits& limits, std::size_t& scanned);
};

} // namespace tenon::net

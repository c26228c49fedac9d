#pragma once

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::net
{

/// How the pieces of an event stream are framed: in chunks, so that the connection goes on after the stream, or bare
/// for HTTP/1.0, where the stream ends with the connection.
///
/// Threading: a value.
class StreamFraming
{
public:
    explicit StreamFraming(bool chunked) : _chunked(chunked) {}

    /// Begins a piece of `bytes`.
    void begin(std::string& out, std::size_t bytes) const
    {
        if (!_chunked)
            return;
        char digits[20];
        out.append(digits, std::to_chars(digits, digits + sizeof digits, bytes, 16).ptr);
        out.append("\r\n");
    }

    /// Ends a piece.
    [[nodiscard]] std::string_view end() const { return _chunked ? "\r\n" : ""; }

    /// Ends the stream.
    [[nodiscard]] std::string_view last() const { return _chunked ? "0\r\n\r\n" : ""; }

private:
    bool _chunked;
};

} // namespace tenon::net

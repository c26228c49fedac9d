#pragma once

#include "guard/Admission.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

/// The head of one response, written into a text that is used again.
///
/// Threading: one thread at a time.
class ResponseHead
{
public:
    /// Begins with status line, Server and Date.
    ResponseHead(std::string& out, int status);

    ResponseHead& field(std::string_view name, std::string_view value);
    ResponseHead& contentLength(std::uint64_t bytes);

    /// Finished lines, each with its CR LF.
    ResponseHead& lines(std::string_view finished);

    /// Connection, if HTTP/1.x needs one to be told, and the empty line.
    void end(bool keepAlive, int minorVersion);

private:
    std::string& _out;
};

/// A line of the head of what is refused and worth another try in a second.
inline constexpr std::string_view RETRY_SOON = "Retry-After: 1\r\n";

/// Bytes of all parts of a body together.
[[nodiscard]] std::size_t sizeOf(std::span<const std::string_view> parts) noexcept;

/// "Name: value" lines of the pairs, each with CR LF.
[[nodiscard]] std::string headerLines(const guard::HeaderPairs& headers);

/// What nearly every answer is, head and body in one piece: 200, of JSON. Nothing grows for it.
///
/// Shape:     `lines` and `more` are finished lines of the head. Empty: it is too large for one piece, which is 16 kB of body.
/// Ownership: borrowed until the thread's next call.
[[nodiscard]] std::string_view jsonMessage(std::span<const std::string_view> body, std::string_view lines,
                                           std::string_view more, bool keepAlive, int minorVersion);

/// The Server and Date lines, renewed each second. Borrowed until the thread's next call.
[[nodiscard]] std::string_view commonLines();

} // namespace tenon::net

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

/// One event of an event stream, as text.
///
/// Shape: `data` without line breaks is one `data:` line; each line of other data has its own. An id or name with a
/// line
///        break or NUL is left out: it would forge fields.
/// Spec:  HTML Living Standard, Server-sent events.
struct SseFrame
{
    std::string_view event; ///< empty: none, which clients read as `message`
    std::string_view id;
    std::uint32_t retryMs = 0; ///< 0: none

    /// What stands before the data of one line: "event: message\nid: 7\ndata: ".
    void appendHead(std::string& out) const;

    /// The whole event.
    void append(std::string& out, std::string_view data) const;
};

/// Ends an event whose head and one line of data stand already.
inline constexpr std::string_view SSE_END = "\n\n";

/// A comment: keeps connections open through proxies, and is no event.
inline constexpr std::string_view SSE_PING = ": ping\n\n";

} // namespace tenon::net

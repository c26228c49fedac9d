#pragma once

#include <array>
#include <string>
#include <string_view>

namespace tenon::jsonrpc
{

/// The one place that writes the members around what a message says: `jsonrpc`, `id`, `method`. Errors are in Error.h.
///
/// Shape:     ids, params and results are JSON text; an empty text is an absent member.
/// Threading: any thread.
/// Spec:      JSON-RPC 2.0.

/// Appends all of a response that comes before its result; the result and RESPONSE_END follow.
void appendResponseHead(std::string& out, std::string_view id);

/// What follows the result of a response.
inline constexpr std::string_view RESPONSE_END = "}";

/// A whole response in pieces: `head + rest` is its result. Nothing is copied, all is borrowed.
[[nodiscard]] std::array<std::string_view, 6> responseParts(std::string_view id, std::string_view head,
                                                            std::string_view rest);

[[nodiscard]] std::string notification(std::string_view method, std::string_view params = {});

[[nodiscard]] std::string request(std::string_view id, std::string_view method, std::string_view params = {});

} // namespace tenon::jsonrpc

#pragma once

#include <string>
#include <string_view>

namespace tenon::jsonrpc
{

/// The one place that writes the members around what a message says: `jsonrpc`, `id`, `method`. Errors are in Error.h.
///
/// Shape:     ids, params and results are JSON text; an empty text is an absent member.
/// Threading: any thread.
/// Spec:      JSON-RPC 2.0.

/// What a response is made of, for whoever sends it in pieces: RESPONSE_ID, the id, RESPONSE_RESULT, the result, RESPONSE_END.
inline constexpr std::string_view RESPONSE_ID = R"({"jsonrpc":"2.0","id":)", RESPONSE_RESULT = R"(,"result":)",
                                  RESPONSE_END = "}";

/// Appends all of a response that comes before its result; the result and RESPONSE_END follow.
void appendResponseHead(std::string& out, std::string_view id);

[[nodiscard]] std::string notification(std::string_view method, std::string_view params = {});

[[nodiscard]] std::string request(std::string_view id, std::string_view method, std::string_view params = {});

} // namespace tenon::jsonrpc

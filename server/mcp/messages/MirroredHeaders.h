#pragma once

#include "base/json/JsonDocument.h"
#include "mcp/messages/IncomingMessage.h"
#include "plugin/catalogue/Catalogue.h"

#include <string>
#include <string_view>

namespace tenon::mcp
{

/// The headers in which modern HTTP requests repeat texts of their body, so that intermediaries can route them; here they
/// are decoded and held against the body.
///
/// Errors:    jsonrpc::RpcException (HEADER_MISMATCH) that names the header and what it must be.
/// Threading: any thread.
/// Spec:      2026-07-28, Transports, Streamable HTTP, Request Metadata; Server Validation.

/// Throws. Shape: `sent` is what the header says, empty if it is absent; `body` is what it has to repeat.
[[noreturn]] void headerMismatch(std::string_view header, std::string_view sent, std::string_view body);

/// `Mcp-Name`, however it is written. Shape: `name` is what the body says.
void checkNameHeader(const base::HeaderFields& headers, std::string_view name);

/// `Mcp-Param-*` of a tool; `arguments` is the body's object.
void checkParameterHeaders(const base::HeaderFields& headers, const plugin::ToolEntry& tool,
                           const base::JsonDocument::Element& arguments);

/// With which an encoded value begins.
inline constexpr std::string_view ENCODED_PREFIX = "=?base64?";

/// Decodes `=?base64?…?=`; other values stand for themselves. False if it has that form but is no base64 of UTF-8.
[[nodiscard]] bool decodeHeaderValue(std::string_view value, std::string& decoded);

} // namespace tenon::mcp

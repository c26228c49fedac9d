#pragma once

#include "base/json/JsonDocument.h"
#include "mcp/messages/IncomingMessage.h"
#include "plugin/catalogue/Catalogue.h"

#include <string>
#include <string_view>

namespace tenon::mcp
{

/// The headers in which modern HTTP requests repeat parts of their body, so that intermediaries can route them; here they
/// are held against the body.
///
/// Errors:    every function throws jsonrpc::RpcException (HEADER_MISMATCH) that names the header and what it must be.
/// Threading: any thread.
/// Spec:      2026-07-28, Transports, Streamable HTTP, Request Metadata; Server Validation.

/// `Mcp-Method` and `Mcp-Name`. Shape: `name` is what the body says of what the method is about; null: nothing.
void checkMirroredHeaders(const base::HeaderFields& headers, std::string_view method, const std::string_view* name);

/// `Mcp-Param-*` of a tool; `arguments` is the body's object.
void checkParameterHeaders(const base::HeaderFields& headers, const plugin::ToolEntry& tool,
                           const base::JsonDocument::Element& arguments);

/// Decodes `=?base64?…?=`; other values stand for themselves. False if it has that form but is no base64 of UTF-8.
[[nodiscard]] bool decodeHeaderValue(std::string_view value, std::string& decoded);

} // namespace tenon::mcp

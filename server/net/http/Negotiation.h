#pragma once

#include "base/text/HeaderFields.h"

#include <string_view>

namespace tenon::net
{

/// What a client takes, read generously: no Accept, `*/*` and `application/*` take JSON.
struct Acceptance
{
    bool json = true;    ///< one JSON body
    bool stream = false; ///< an event stream; only if it is named

    [[nodiscard]] bool nothing() const { return !json && !stream; }
};

/// Reads an Accept header; ranges with q=0 are refused ones. `present` is whether there is one.
[[nodiscard]] Acceptance readAccept(bool present, std::string_view accept) noexcept;

/// Whether a Content-Type says JSON: `application/json`, with any parameters (a charset other than UTF-8 is not JSON).
[[nodiscard]] bool isJson(std::string_view contentType) noexcept;

/// What the head of a posted message says of its body and of what may answer it.
struct PostedForm
{
    bool json = false; ///< its body, as it says
    Acceptance accepts;
    bool gzip = false; ///< is accepted
};
[[nodiscard]] PostedForm readPosted(const base::HeaderFields& head) noexcept;

/// Whether an Accept-Encoding asks for gzip.
[[nodiscard]] bool acceptsGzip(std::string_view acceptEncoding) noexcept;

/// Whether a MCP-Protocol-Version header names a revision without sessions and streams of its own (2026-07-28 on).
[[nodiscard]] bool isModernVersion(std::string_view protocolVersion) noexcept;

} // namespace tenon::net

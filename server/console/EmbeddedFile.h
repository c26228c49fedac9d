#pragma once

#include <span>
#include <string_view>

namespace tenon::console
{

/// One static file of the console.
struct EmbeddedFile
{
    std::string_view name;        ///< "console.js"; "index.html" is the page
    std::string_view contentType; ///< with its charset
    std::string_view digest;      ///< of the content, for an ETag, without quotes
    std::span<const unsigned char> plain;
    std::span<const unsigned char> gzip;
};

/// All of them; none in a server that was built without Node.js.
///
/// Threading: any thread. Ownership: static.
[[nodiscard]] std::span<const EmbeddedFile> embeddedFiles() noexcept;

} // namespace tenon::console

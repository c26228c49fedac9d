#pragma once

#include <string>
#include <string_view>

/// Between absolute paths and `file:` URIs (RFC 8089). Paths have forward slashes here; on Windows they begin with the
/// drive: "C:/data/a.txt" is "file:///C:/data/a.txt".

namespace tenon::filesystem
{

bool isFileUri(std::string_view text);

/// Bytes that a URI's path cannot hold are percent-encoded, UTF-8 or not.
std::string toFileUri(std::string_view path);

/// The path of a URI, percent-decoded once.
///
/// Errors: Failure (INVALID) if it is not a `file:` URI of this machine or a percent sign is not followed by two digits.
std::string fromFileUri(std::string_view uri);

} // namespace tenon::filesystem

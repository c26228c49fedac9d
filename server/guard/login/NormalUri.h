#pragma once

#include <string>
#include <string_view>

namespace tenon::guard
{

// URIs of resources as permissions compare them: two spellings of one resource must not be two resources. Threading: any
// thread, both functions.

/// Scheme and authority in lower case, %XX decoded but where that would make a delimiter ('/', '?', '#', '%').
///
/// Shape: takes globs too, whose stars and question marks stay; a text that is no URI stays as it is but for its %XX.
/// Spec:  RFC 3986, 6.2.2.
[[nodiscard]] std::string normalUri(std::string_view uri);

/// Whether a URI holds a segment "." or "..", however encoded and wherever it stands: "file:///data/../etc" looks as if
/// it were below "file:///data/" and is not, and who reads "a/..%2f..?x" behind us is not known. Such URIs fit nothing.
[[nodiscard]] bool uriClimbs(std::string_view uri);

} // namespace tenon::guard

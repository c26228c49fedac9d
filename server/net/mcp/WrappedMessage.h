#pragma once

#include <string>
#include <string_view>

namespace tenon::net
{

/// A JSON-RPC message in the data of a wrapped event: {type, method, result|error, timestamp}; of progress also
/// metadata {progress, total, message}.
///
/// Shape: `message` is a response, error, request or notification; what cannot be read is passed on as it is.
[[nodiscard]] std::string wrapMessage(std::string_view type, std::string_view method, std::string_view message);

/// The method of a request or notification; empty for what has none or cannot be read.
[[nodiscard]] std::string methodOf(std::string_view message);

/// Whether a method is that of progress.
[[nodiscard]] bool isProgress(std::string_view method);

/// An error response about an unknown tool with the code of an unknown method; any other as it is.
[[nodiscard]] std::string asUnknownMethod(std::string response);

/// Now, as such servers write it.
[[nodiscard]] std::string timeOfEvent();

} // namespace tenon::net

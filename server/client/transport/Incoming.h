#pragma once

#include "base/json/JsonDocument.h"
#include "client/ClientException.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::client
{

// What servers send, read as generously as it can be without guessing.

/// How many bytes of something odd a fault quotes.
inline constexpr std::size_t MAX_SHOWN = 300;

/// One message, or an array of them. Bytes that are no UTF-8 become U+FFFD, as they do in the clients that servers are
/// tried with.
///
/// Errors: Poco::Exception if it is no JSON.
[[nodiscard]] base::JsonDocumentPtr parseMessage(std::string_view text);

/// The same, as `JsonDocument::parseToKeep`.
[[nodiscard]] base::JsonDocumentPtr parseMessageToKeep(std::string_view text);

/// The id of a request of ours, as JSON text, from what an answer has for it: some servers return numbers as strings.
[[nodiscard]] std::string_view ownId(std::string_view id);

/// Whether `message`, or one of its elements if it is an array, ends the request `id` (JSON text), on whose own stream or
/// body it came: its response, or an error without an id, of a server that could not read it.
[[nodiscard]] bool isAnswerTo(const base::JsonDocument::Element& message, std::string_view id);

/// The exception of an error object. It says something, even if the error does not.
[[nodiscard]] ClientException errorOf(const base::JsonDocument::Element& error, int httpStatus = 0);

} // namespace tenon::client

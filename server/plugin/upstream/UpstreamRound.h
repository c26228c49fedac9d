#pragma once

#include "base/json/JsonDocument.h"
#include "plugin/call/CallBackend.h"

#include <string>
#include <string_view>

namespace tenon::plugin
{

// What a server behind this one and its caller exchange beside requests and results, as text.

/// What a call remembers for its next entry: PARKED and the name of a call that waits, or a round.
inline constexpr std::string_view REMEMBERED = "tenon.upstream";
inline const std::string PARKED = "parked ";

/// What an `input_required` result of a modern server asks, with its state.
[[nodiscard]] std::string roundOf(const base::JsonDocument::Element& result);

/// Puts a round to the caller.
///
/// Shape: with TENON_OK `more` has the members that the next request adds: `"inputResponses":…,"requestState":…`.
[[nodiscard]] tenon_status answersOf(CallBackend& caller, const std::string& round, std::string& more);

/// A question of a legacy server as a caller is asked it.
[[nodiscard]] std::string questionText(std::string_view method, const base::JsonDocument::Element* params);

/// How a question that the caller could not be asked is refused.
[[nodiscard]] int codeFor(tenon_status status);
[[nodiscard]] std::string wordsFor(tenon_status status);

/// A result without what the server says there of itself and of its revision.
[[nodiscard]] std::string ownResult(const base::JsonDocument::Element& result);

/// Further `_meta` of a request, as the text of an object: the caller's trace, and the level to log at.
[[nodiscard]] std::string metaOf(const CallBackend& caller, const std::string& logLevel, bool modern);

} // namespace tenon::plugin

#pragma once

#include "client/protocol/ClientHandler.h"

#include <string>
#include <string_view>

namespace tenon::client
{

// The texts of messages that a client sends.

/// Who the client says it is.
struct ClientInfo
{
    std::string name = "tenon";
    std::string title;
    std::string version = TENON_VERSION;
};

/// A request, or a notification if `id` is empty.
///
/// Shape: `params` and `meta` are texts of JSON objects, or empty; a `_meta` within `params` is merged with `meta`, whose
///        members win.
/// Errors: Poco::DataFormatException if one of them is no JSON object.
[[nodiscard]] std::string requestText(std::string_view id, std::string_view method, std::string_view params,
                                      std::string_view meta);
[[nodiscard]] std::string resultText(std::string_view id, std::string_view result);
[[nodiscard]] std::string errorText(std::string_view id, int code, std::string_view message, std::string_view data);

/// The capabilities object, in the words of `revision`.
[[nodiscard]] std::string capabilitiesText(const Abilities& abilities, std::string_view revision);

/// The params of `initialize`.
[[nodiscard]] std::string initializeParams(const ClientInfo& info, const Abilities& abilities,
                                           std::string_view revision);

/// The members that every modern request has in `_meta`, as the text of an object.
[[nodiscard]] std::string modernMeta(const ClientInfo& info, const Abilities& abilities, std::string_view revision);

} // namespace tenon::client

#pragma once

#include "client/Listing.h"
#include "client/protocol/Reply.h"

#include <chrono>
#include <functional>
#include <string>

namespace tenon::client
{

/// Asks the server for one page of a list. Shape: `params` is a JSON object or empty. Errors: ClientException.
using AskForPage = std::function<Reply(const std::string& params, const RequestOptions& options)>;

/// Reads all pages of a list; empty if the server has no templates and does not know the method.
///
/// Shape:  `strict`: tools whose annotations do not hold are left out, and named in `rejected` (Streamable HTTP of
///         2026-07-28, headers of arguments).
/// Errors: ClientException: what `ask` throws; TIMEOUT if there is no end `within` that time; PROTOCOL if an answer holds
///         no list, a cursor is no text, or there is no end.
[[nodiscard]] std::shared_ptr<Listing> readPages(ListKind kind, bool strict, std::chrono::milliseconds within,
                                                 const AskForPage& ask);

} // namespace tenon::client

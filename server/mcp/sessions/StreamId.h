#pragma once

#include "store/InstanceId.h"

#include <cstdint>
#include <string>

namespace tenon::mcp
{

// Ids of streams: "<number>" on a server alone, "<instance>.<epoch>.<number>[.<what it answers>]" on one of several.
//
// The id of the request that the stream answers, JSON text in Base64 (URL-safe), is part of it where it is short: so
// whoever a client comes back to can still answer, even if nothing of the stream was kept when its instance was killed.
// Threading: any thread, all functions.

[[nodiscard]] std::string streamIdOf(const store::InstanceId& maker, std::uint64_t number, const std::string& answers);

/// JSON text of the id of the request that the stream of that id answers; empty: it says none.
[[nodiscard]] std::string answersIn(const std::string& streamId);

} // namespace tenon::mcp

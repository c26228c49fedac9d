#pragma once

#include "plugin/worker/channel/ByteStream.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tenon::attach
{

/// A connection to the server at `place`, or null and why not.
[[nodiscard]] plugin::ByteStreamPtr connectTo(const std::string& place, std::string& reason);

/// Where a server may listen, the likeliest first.
///
/// Shape: `given` by the program; empty: nothing is.
[[nodiscard]] std::vector<std::string> placesOfServers(const std::string& given);

/// Starts a thread that no signal of the program is delivered to. False if there can be none.
[[nodiscard]] bool startThread(std::function<void()> body);

/// The number of this process.
[[nodiscard]] std::uint64_t ownProcess();

} // namespace tenon::attach

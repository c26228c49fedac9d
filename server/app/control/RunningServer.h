#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::app
{

/// A server that answered on its control socket.
struct RunningServer
{
    long pid = 0;
    std::string socket;
    std::string status; ///< its answer to "status", JSON; empty: it does not answer

    /// Members of `status`; empty and 0 if they are not there.
    [[nodiscard]] std::string member(std::string_view name) const;
    [[nodiscard]] std::int64_t number(std::string_view name) const;

    /// Where it listens; 0: nowhere.
    [[nodiscard]] std::uint16_t port() const;
};

/// All servers of this machine that this user may ask; `configured` is `control.directory`.
[[nodiscard]] std::vector<RunningServer> runningServers(const std::string& configured);

/// Sends an order and waits for the answer; nothing if nobody listens there, empty if no answer comes.
[[nodiscard]] std::optional<std::string> ask(const std::string& socket, const std::string& order,
                                             std::chrono::milliseconds patience);

} // namespace tenon::app

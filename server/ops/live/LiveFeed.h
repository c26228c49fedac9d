#pragma once

#include "mcp/messages/Operation.h"
#include "net/connection/Exchange.h"
#include "net/route/AccessListener.h"
#include "net/route/Endpoint.h"
#include "ops/live/LineBatch.h"

#include <Poco/Message.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <vector>

namespace tenon::ops
{

/// Requests and log lines as they come, for those who watch: `GET /console/api/events`.
///
/// Nothing is noted while nobody watches. Each turn sends what came since the last one, as one event, up to a number;
/// what is beyond it is counted and dropped, so that a busy server does not work for its watchers. A watcher that does
/// not read is closed by the front, as any slow reader.
///
/// Shape:     events `requests`: {"skipped":n,"lines":[…]}, `log`: likewise, `sample`: a point of History.
///            A request: {"at":…,"method":…,"name"?,"principal","session"?,"transport","version"?,"durationMs",
///            "outcome":"ok"|"tool_error"|"error"|"nothing"|"refused","code"?,"plugin"?,"trace"?}.
///            A log line: {"at":…,"level":…,"source":…,"text":…}.
/// Threading: any thread; does not block.
class LiveFeed
{
public:
    static constexpr std::chrono::milliseconds TURN{250};
    static constexpr std::size_t MAX_WATCHERS = 16;

    /// From now on the stream, which is open, gets what comes. False: there are MAX_WATCHERS already.
    [[nodiscard]] bool watch(net::ExchangePtr stream);

    [[nodiscard]] bool watched() const noexcept { return _count.load(std::memory_order_relaxed) != 0; }

    /// Whether somebody watches and there is room for a request in this turn; counts it as skipped if there is not.
    [[nodiscard]] bool wantsRequest() noexcept { return watched() && _requests.hasRoom(); }

    /// Likewise, without counting.
    [[nodiscard]] bool roomForRequest() const noexcept { return watched() && _requests.room(); }

    void request(const mcp::Operation& operation);
    /// A request that never became a message: refused, or of another route.
    void refused(const net::AccessEntry& entry);
    void logged(const Poco::Message& message);

    /// Sends one more event to all.
    void send(std::string_view event, std::string_view data);

    /// Sends what has come. Called each TURN.
    void turn();

    /// Closes all streams.
    void end();

private:
    static constexpr std::size_t MAX_LINES = 50; ///< a turn: more than anybody reads

    // Synchronised by themselves.
    std::atomic<std::size_t> _count{0}; ///< of watchers
    LineBatch _requests{MAX_LINES};
    LineBatch _logs{MAX_LINES};

    std::mutex _mutex; // guards:
    std::vector<net::ExchangePtr> _watchers;
};

} // namespace tenon::ops

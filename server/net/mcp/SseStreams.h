#pragma once

#include "base/limits/Budget.h"
#include "base/threads/Timers.h"
#include "mcp/dispatch/Dispatcher.h"
#include "net/Settings.h"
#include "net/mcp/SseProfile.h"
#include "net/mcp/SseStream.h"
#include "net/route/Endpoint.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::net
{

/// The streams of HTTP+SSE that are open: opens them, lets clients come back to them and poll them, and ends those that
/// nobody came back to.
///
/// Threading: any thread.
/// Ownership: borrows dispatcher, timers and budget.
class SseStreams final : public std::enable_shared_from_this<SseStreams>
{
public:
    SseStreams(mcp::Dispatcher& dispatcher, base::Timers& timers, base::Budget& budget, const Settings& settings);
    ~SseStreams();
    SseStreams(const SseStreams&) = delete;
    SseStreams& operator=(const SseStreams&) = delete;

    /// Begins to look after streams that clients may come back to. Once, after construction.
    void watch();

    /// GET on a stream's path. Shape: `profiles` share it, and outlive this.
    void open(const Request& request, const ExchangePtr& exchange, const SseStream::Profiles& profiles);

    /// GET on the path for polling: without `connectionId` a stream begins; with it, the events after `after` come.
    ///
    /// Shape: {"connectionId":…,"events":[{"id","event","data"}…]}; `wait` in the query is how many seconds to wait for
    ///        an event if there is none.
    void poll(const Request& request, const ExchangePtr& exchange, const SseStream::Profiles& profiles);

    /// Null if there is none of that client and id.
    [[nodiscard]] SseStreamPtr find(const base::PrincipalPtr& principal, std::string_view id) const;

    [[nodiscard]] std::size_t count() const;

    /// Where messages of a profile go.
    [[nodiscard]] std::string messagePath(const SseProfile& profile) const;

private:
    [[nodiscard]] SseStreamPtr make(const Request& request, const ExchangePtr& exchange,
                                    const SseStream::Profiles& profiles);
    void greet(SseStream& stream, const SseStream::Profiles& profiles) const;
    void forget(SseStream& stream, const std::shared_ptr<mcp::Session>& session);
    void look();

    mcp::Dispatcher& _dispatcher;
    base::Timers& _timers;
    base::Budget& _budget;
    const Settings _settings;
    base::Timers::Id _watch = 0;

    mutable std::mutex _mutex;                                 // guards all below
    std::map<std::string, SseStreamPtr, std::less<>> _streams; ///< by their keys
};

} // namespace tenon::net

#pragma once

#include "base/limits/HolderBudgets.h"
#include "mcp/Services.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/sessions/Session.h"
#include "mcp/subscriptions/HeldResources.h"
#include "mcp/subscriptions/Listener.h"

#include <Poco/Timestamp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

class ResultMeta;

/// The streams of modern clients that listen (`subscriptions/listen`): begins, acknowledges and ends them.
///
/// Threading: any thread.
/// Ownership: borrows all but `held`, which outlives it where plugins have yet to answer.
/// Spec:      2026-07-28, Subscriptions.
class Listeners
{
public:
    Listeners(Services& services, base::HolderBudgets& memory, const ResultMeta& meta,
              std::shared_ptr<HeldResources> held);

    /// `subscriptions/listen`: acknowledges once the plugins have answered, or have had their time, and keeps the stream.
    /// Errors: RpcException.
    void listen(const RequestContext& context);

    /// `notifications/cancelled` of a listen request on a connection where many share one channel. False if there is none.
    bool cancel(const Session& connection, const std::string& requestId);

    /// What listens on the session's connection ends with it.
    void forget(const Session& session);

    /// Those that get news.
    [[nodiscard]] std::vector<ListenerPtr> open() const;

    /// An open listening stream, for operators.
    struct Stream
    {
        std::string id; ///< of this server's making: clients choose those of their requests as they like
        base::PrincipalPtr principal;
        Transport transport;
        Poco::Timestamp openedAt;
        std::uint64_t eventsSent;
    };
    [[nodiscard]] std::vector<Stream> streams() const;
    [[nodiscard]] std::size_t count() const;

    /// Ends a listening stream with its result; false if there is none of this id.
    bool end(std::string_view id);

    /// Ends all with their result, and at once those that are still to come.
    void endAll();

private:
    [[nodiscard]] ListenFilter filterOf(const RequestContext& context) const;
    void acknowledge(const ListenerPtr& listener);
    void left(const ListenerPtr& listener);
    void remove(const ListenerPtr& listener);
    void end(const ListenerPtr& listener); ///< with its result
    [[nodiscard]] std::vector<ListenerPtr> all() const;

    Services& _services;
    base::HolderBudgets& _memory;
    const ResultMeta& _meta;
    const std::shared_ptr<HeldResources> _held;

    mutable std::mutex _mutex; // guards all below
    std::set<ListenerPtr> _listeners;
    bool _ended = false; ///< nobody listens any more: the server stops
};

/// What one subscription takes beside its URI. Units: bytes.
inline constexpr std::size_t SUBSCRIPTION_BYTES = 128;

/// Refuses a subscription that there is no memory for. Errors: RpcException: LIMIT, or QUOTA if it is its sender's share.
[[noreturn]] void refuseMemory(const base::HolderBudgets& memory, std::size_t bytes);

} // namespace tenon::mcp

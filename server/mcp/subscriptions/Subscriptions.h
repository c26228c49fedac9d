#pragma once

#include "base/metrics/Metrics.h"
#include "mcp/Services.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/sessions/Sessions.h"
#include "mcp/subscriptions/HeldResources.h"
#include "plugin/catalogue/Catalogue.h"

#include <Poco/Timestamp.h>

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

/// Who wants to know of changes, and tells them: modern clients on their `subscriptions/listen` streams, legacy ones on
/// their sessions.
///
/// Threading: any thread.
/// Spec:      2026-07-28, Subscriptions; legacy revisions, Resources, Subscriptions.
class Subscriptions : public plugin::CatalogueListener
{
public:
    /// Ownership: `services`, `sessions` and `meta` outlive it.
    Subscriptions(Services& services, Sessions& sessions, const ResultMeta& meta);
    ~Subscriptions() override;

    /// `subscriptions/listen`: acknowledges, and keeps the stream. Errors: RpcException.
    void listen(const RequestContext& context);

    /// `notifications/cancelled` of a listen request on a connection where many share one channel. False if there is none.
    bool cancel(const Session& connection, const std::string& requestId);

    /// `resources/subscribe` and `resources/unsubscribe`. Errors: RpcException.
    void subscribe(Session& session, std::string_view uri);
    void unsubscribe(Session& session, std::string_view uri);
    void forget(Session& session); ///< its subscriptions end with it

    /// A task has changed.
    void taskChanged(const store::TaskRecord& task);

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

    /// A notification for all sessions and listening streams that are `wanted`. A listening stream carries what its
    /// client asked for: changes of lists, updates of resources. Gives how many it reached.
    std::size_t broadcast(const std::shared_ptr<const std::string>& message,
                          const std::function<bool(const Session&)>& wanted,
                          const std::function<bool(const Stream&)>& wantedStream);

    /// Ends a listening stream with its result; false if there is none of this id.
    bool end(std::string_view id);

    /// Ends all listening streams with their result, and at once those that are still to come.
    void endAll();
    [[nodiscard]] std::size_t listeners() const;

    // plugin::CatalogueListener
    void catalogueChanged(const plugin::CataloguePtr& catalogue, bool tools, bool resources, bool prompts) override;
    void resourceUpdated(std::string_view uri) override;

private:
    class Listener;
    using ListenerPtr = std::shared_ptr<Listener>;

    void remove(const ListenerPtr& listener);
    void end(const ListenerPtr& listener); ///< with its result
    [[nodiscard]] std::vector<ListenerPtr> copy() const;
    void tellList(std::string_view method, bool Listener::*wants);

    Services& _services;
    Sessions& _sessions;
    const ResultMeta& _meta;
    HeldResources _held;
    base::Counter& _events;

    mutable std::mutex _mutex; // guards all below
    std::set<ListenerPtr> _listeners;
    bool _ended = false; ///< nobody listens any more: the server stops
};

} // namespace tenon::mcp

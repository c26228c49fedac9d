#pragma once

#include "base/limits/HolderBudgets.h"
#include "base/metrics/Metrics.h"
#include "mcp/Services.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/sessions/Sessions.h"
#include "mcp/subscriptions/HeldResources.h"
#include "mcp/subscriptions/Listener.h"
#include "plugin/catalogue/Catalogue.h"

#include <Poco/Timestamp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

class ResultMeta;

/// What happens here that those who listen at other instances want to hear of too. Only a server that is one of several
/// has somebody who takes it there.
///
/// Threading: any thread; must not block.
class NewsForOthers
{
public:
    virtual ~NewsForOthers() = default;
    virtual void listsChanged(bool tools, bool resources, bool prompts) = 0;
    virtual void updated(std::string_view uri) = 0;
    virtual void taskNews(const store::TaskRecord& task) = 0;
    /// `then` runs once others know, or were given the time to.
    virtual void subscribed(const Session& session, const std::string& uri, bool is, std::function<void()> then) = 0;
};

/// Who wants to know of changes, and tells them: modern clients on their `subscriptions/listen` streams, legacy ones on
/// their sessions.
///
/// Threading: any thread.
/// Spec:      2026-07-28, Subscriptions; legacy revisions, Resources, Subscriptions.
class Subscriptions : public plugin::CatalogueListener
{
public:
    /// Ownership: borrows all of it; `others` may be null: there are none.
    Subscriptions(Services& services, base::HolderBudgets& memory, Sessions& sessions, const ResultMeta& meta,
                  NewsForOthers* others);
    ~Subscriptions() override;

    /// `subscriptions/listen`: acknowledges once the plugins have answered, or have had their time, and keeps the stream.
    /// Errors: RpcException.
    void listen(const RequestContext& context);

    /// `notifications/cancelled` of a listen request on a connection where many share one channel. False if there is none.
    bool cancel(const Session& connection, const std::string& requestId);

    /// `resources/subscribe`: answers through the context's sink when the plugin has answered, and other instances know.
    /// Errors: RpcException.
    void subscribe(const RequestContext& context, std::string_view uri);
    /// `resources/unsubscribe`.
    void unsubscribe(Session& session, std::string_view uri);
    void forget(Session& session); ///< its subscriptions end with it

    /// A task has changed.
    void taskChanged(const store::TaskRecord& task);

    // News of another instance, for those who listen here.
    void tellLists(bool tools, bool resources, bool prompts);
    void tellUpdate(std::string_view uri);
    void tellTask(const store::TaskRecord& task);

    /// What a client subscribed to at another instance is held here too, as its stream is here. Nobody waits.
    void holdToo(const SessionPtr& session, const std::string& uri);
    /// Another instance took back the subscription. The same.
    void releaseToo(Session& session, const std::string& uri);

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
    struct Parked; ///< a `resources/subscribe` whose plugin has not answered

    [[nodiscard]] ListenFilter filterOf(const RequestContext& context) const;
    void acknowledge(const ListenerPtr& listener);
    void left(const ListenerPtr& listener);
    void checkRoom(const Session& session) const;
    void subscribed(const std::shared_ptr<Parked>& parked, tenon_status status);
    [[nodiscard]] static Stream streamOf(const Listener& listener);
    void remove(const ListenerPtr& listener);
    void end(const ListenerPtr& listener); ///< with its result
    [[nodiscard]] std::vector<ListenerPtr> all() const;
    [[nodiscard]] std::vector<ListenerPtr> open() const;
    void tellList(std::string_view method, bool ListenFilter::*wants);

    Services& _services;
    base::HolderBudgets& _memory;
    Sessions& _sessions;
    const ResultMeta& _meta;
    NewsForOthers* const _others;
    const std::shared_ptr<HeldResources> _held;
    base::Counter& _events;

    mutable std::mutex _mutex; // guards all below
    std::set<ListenerPtr> _listeners;
    bool _ended = false; ///< nobody listens any more: the server stops
};

} // namespace tenon::mcp

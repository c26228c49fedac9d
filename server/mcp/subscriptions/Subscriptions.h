#pragma once

#include "base/limits/HolderBudgets.h"
#include "base/metrics/Metrics.h"
#include "mcp/Services.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/sessions/Sessions.h"
#include "mcp/subscriptions/Broadcast.h"
#include "mcp/subscriptions/HeldResources.h"
#include "mcp/subscriptions/Listeners.h"
#include "plugin/catalogue/Catalogue.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

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

    /// A notification for all sessions and listening streams here that it is meant for. A listening stream carries what
    /// its client asked for: changes of lists, updates of resources. Gives how many it reached; waits for none of them.
    std::size_t broadcast(const Broadcast& message);

    // plugin::CatalogueListener
    void catalogueChanged(const plugin::CataloguePtr& catalogue, bool tools, bool resources, bool prompts) override;
    void resourceUpdated(std::string_view uri) override;

private:
    struct Parked; ///< a `resources/subscribe` whose plugin has not answered

    void checkRoom(const Session& session) const;
    void subscribed(const std::shared_ptr<Parked>& parked, tenon_status status);
    void tellList(std::string_view method, bool ListenFilter::*wants);

    Services& _services;
    base::HolderBudgets& _memory;
    Sessions& _sessions;
    const ResultMeta& _meta;
    NewsForOthers* const _others;
    const std::shared_ptr<HeldResources> _held;

public:
    Listeners listeners; ///< of modern clients

private:
    base::Counter& _events;
};

} // namespace tenon::mcp

#include "mcp/subscriptions/Subscriptions.h"

#include "base/json/JsonWriter.h"
#include "base/text/PercentCoding.h"
#include "jsonrpc/Envelope.h"
#include "mcp/revisions/Results.h"
#include "mcp/revisions/TaskShape.h"

#include <utility>

namespace tenon::mcp
{

namespace
{

std::string uriMember(std::string_view uri)
{
    std::string member = "\"uri\":";
    base::JsonWriter::appendString(member, uri);
    return member;
}

} // namespace

Subscriptions::Subscriptions(Services& services, base::HolderBudgets& memory, Sessions& sessions,
                             const ResultMeta& meta, NewsForOthers* others)
    : _services(services), _memory(memory), _sessions(sessions), _meta(meta), _others(others),
      _held(std::make_shared<HeldResources>(services.catalogue)), listeners(services, memory, meta, _held),
      _events(services.metrics.counter("tenon_events_sent_total", "Notifications sent to clients outside of calls"))
{
    services.metrics.gaugeFrom("tenon_listeners_active", "Open subscriptions/listen streams", {},
                               [this] { return static_cast<double>(listeners.count()); });
    services.catalogue.addListener(*this);
}

Subscriptions::~Subscriptions()
{
    _services.catalogue.removeListener(*this);
    _held->close();
    _services.metrics.remove("tenon_listeners_active", {});
}

struct Subscriptions::Parked
{
    RequestContext context;
    std::string uri;
    base::HolderShare share;
};

void Subscriptions::subscribe(const RequestContext& context, std::string_view uri)
{
    Session& session = *context.session;
    checkRoom(session);
    if (!session.subscribedAs(base::normalUri(uri)).empty())
        return answer(context, _meta, {});
    auto share = _memory.shareOf(context.holder, context.limits);
    if (!share.tryResize(uri.size() + SUBSCRIPTION_BYTES))
        refuseMemory(_memory, uri.size());
    const auto parked = std::make_shared<Parked>(Parked{context, std::string(uri), std::move(share)});
    parked->context.headers = nullptr; // borrowed for the dispatcher only
    _held->hold(parked->uri, [this, parked](tenon_status status) { subscribed(parked, status); });
}

/// Errors: RpcException.
void Subscriptions::checkRoom(const Session& session) const
{
    if (session.subscriptionCount() >= _services.options.maxSubscriptions)
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS,
                                    "a session may subscribe to " + std::to_string(_services.options.maxSubscriptions) +
                                        " resources at most; unsubscribe from others first");
}

/// The plugin has answered a `resources/subscribe`: so do we.
void Subscriptions::subscribed(const std::shared_ptr<Parked>& parked, tenon_status status)
{
    using jsonrpc::ErrorKind;
    const auto& context = parked->context;
    if (status == TENON_ERROR_RESOURCES || status == TENON_ERROR_CANCELLED)
        return answerError(context, ErrorKind::LIMIT,
                           "the plugin of '" + parked->uri + "' does not answer; try again later");
    if (status < TENON_OK)
        return answerError(context, ErrorKind::RESOURCE_NOT_FOUND,
                           "there is no resource '" + parked->uri + "' to subscribe to", uriData(parked->uri));
    Session& session = *context.session;
    try
    {
        checkRoom(session); // others came meanwhile
    }
    catch (const jsonrpc::RpcException& exc)
    {
        _held->release(parked->uri);
        return answerError(context, exc.kind(), exc.message());
    }
    if (!session.subscribe(parked->uri, std::move(parked->share))) // by another request at the same time
        _held->release(parked->uri);
    // A session that ended meanwhile has been forgotten already, without this one.
    else if (session.ended() && session.unsubscribe(parked->uri))
        _held->release(parked->uri);
    else if (_others) // what the client does next may change the resource at another instance
        return _others->subscribed(session, parked->uri, true, [this, parked] { answer(parked->context, _meta, {}); });
    answer(context, _meta, {});
}

void Subscriptions::unsubscribe(Session& session, std::string_view uri)
{
    const std::string text(uri);
    if (_others && !session.subscribedAs(base::normalUri(uri)).empty())
        _others->subscribed(session, text, false, nullptr);
    releaseToo(session, text);
}

void Subscriptions::holdToo(const SessionPtr& session, const std::string& uri)
{
    const auto share = std::make_shared<base::HolderShare>(_memory.shareOf(session->principal->id, {}));
    if (!share->tryResize(uri.size() + SUBSCRIPTION_BYTES))
        return;
    _held->hold(uri,
                [this, session, uri, share](tenon_status status)
                {
                    if (status < TENON_OK)
                        return;
                    if (!session->subscribeToo(uri, std::move(*share)) ||
                        (session->ended() && session->unsubscribe(uri)))
                        _held->release(uri);
                });
}

void Subscriptions::releaseToo(Session& session, const std::string& uri)
{
    if (session.unsubscribe(uri))
        _held->release(uri);
}

void Subscriptions::forget(Session& session)
{
    for (const auto& uri : session.subscriptions())
        releaseToo(session, uri);
    listeners.forget(session);
}

void Subscriptions::tellList(std::string_view method, bool ListenFilter::*wants)
{
    for (const auto& listener : listeners.open())
        if (listener->filter.*wants)
        {
            listener->notify(method, {});
            _events.add();
        }
    // The same for every session: serialised once.
    const auto message = std::make_shared<const std::string>(jsonrpc::notification(method));
    for (const auto& session : _sessions.all())
    {
        session->notifyHere(message);
        _events.add();
    }
}

void Subscriptions::catalogueChanged(const plugin::CataloguePtr&, bool tools, bool resources, bool prompts)
{
    // Who comes from now on finds the new lists: for them nothing has changed.
    const bool somebody = _sessions.count() > 0 || listeners.count() > 0;
    // On another thread: there may be many streams, and the one that loads plugins has to go on.
    _services.executor.post(
        [this, tools, resources, prompts, somebody]
        {
            _held->followCatalogue();
            if (somebody)
                tellLists(tools, resources, prompts);
            if (_others)
                _others->listsChanged(tools, resources, prompts);
        });
}

void Subscriptions::tellLists(bool tools, bool resources, bool prompts)
{
    if (tools)
        tellList("notifications/tools/list_changed", &ListenFilter::tools);
    if (resources)
        tellList("notifications/resources/list_changed", &ListenFilter::resources);
    if (prompts)
        tellList("notifications/prompts/list_changed", &ListenFilter::prompts);
}

void Subscriptions::resourceUpdated(std::string_view uri)
{
    tellUpdate(uri);
    if (_others)
        _others->updated(uri);
}

void Subscriptions::tellUpdate(std::string_view uri)
{
    const std::string normal = base::normalUri(uri);
    for (const auto& listener : listeners.open())
        if (const auto form = listener->formOf(normal); !form.empty())
        {
            listener->notify("notifications/resources/updated", uriMember(form));
            _events.add();
        }
    // Most clients use the plugin's own form: one message for all of them.
    const auto messageOf = [](std::string_view form)
    {
        return std::make_shared<const std::string>(
            jsonrpc::notification("notifications/resources/updated", '{' + uriMember(form) + '}'));
    };
    const auto message = messageOf(uri);
    for (const auto& session : _sessions.all())
        if (const auto form = session->subscribedAs(normal); !form.empty())
        {
            session->notifyHere(form == uri ? message : messageOf(form));
            _events.add();
        }
}

void Subscriptions::taskChanged(const store::TaskRecord& task)
{
    tellTask(task);
    if (_others)
        _others->taskNews(task);
}

void Subscriptions::tellTask(const store::TaskRecord& task)
{
    std::string members;
    for (const auto& listener : listeners.open())
        // A task of another instance was taken on trust.
        if (listener->hasTask(task.id) && listener->principal->id == task.principal)
        {
            if (members.empty())
                members = taskMembers(task, true);
            listener->notify("notifications/tasks", members);
            _events.add();
        }
}

std::size_t Subscriptions::broadcast(const Broadcast& message)
{
    std::size_t reached = 0;
    const auto notification =
        std::make_shared<const std::string>(jsonrpc::notification(message.method(), message.params()));
    for (const auto& session : _sessions.all())
        if (message.isFor(session->id, *session->principal))
        {
            if (auto* form = dynamic_cast<BroadcastForm*>(session->connection.get()))
                form->broadcast(message, notification);
            else
                session->notifyHere(notification);
            _events.add();
            ++reached;
        }
    const std::string members = message.uri().empty() ? std::string() : uriMember(message.uri());
    for (const auto& listener : listeners.open())
        if (listener->carries(message.method(), message.uri()) && message.isFor(listener->id, *listener->principal))
        {
            listener->notify(message.method(), members);
            _events.add();
            ++reached;
        }
    return reached;
}

} // namespace tenon::mcp

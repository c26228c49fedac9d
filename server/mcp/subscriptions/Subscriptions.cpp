#include "mcp/subscriptions/Subscriptions.h"

#include "base/json/JsonWriter.h"
#include "base/text/PercentCoding.h"
#include "jsonrpc/Envelope.h"
#include "mcp/revisions/Results.h"
#include "mcp/revisions/TaskShape.h"

#include <chrono>
#include <set>
#include <utility>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;

namespace
{

/// The plugins of a listener have so long altogether; what they have not granted by then the client does not get.
constexpr std::int64_t GATHER_MS = 5000;

/// What one subscription takes beside its URI.
constexpr std::size_t SUBSCRIPTION_BYTES = 128;

[[noreturn]] void refuseMemory(const base::HolderBudgets& memory, std::size_t bytes)
{
    if (memory.full(bytes))
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::LIMIT, "limits.memoryMb is used up; try again later");
    throw jsonrpc::RpcException(jsonrpc::ErrorKind::QUOTA,
                                "your calls, tasks and subscriptions take as much memory as they may; end some first");
}

std::string uriMember(std::string_view uri)
{
    std::string member = "\"uri\":";
    base::JsonWriter::appendString(member, uri);
    return member;
}

/// The texts of a filter's array, each once.
///
/// Errors: RpcException.
template <typename Accept>
bool readTexts(const JsonDocument::Element& filter, std::string_view name, std::size_t most, Accept accept,
               std::vector<std::string>& texts)
{
    JsonDocument::Element value;
    simdjson::dom::array items;
    if (!findMember(filter, name, value) || value.is_null())
        return false;
    if (value.get_array().get(items))
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS,
                                    "\"" + std::string(name) + "\" must be an array");
    if (items.size() > most)
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS, "\"" + std::string(name) + "\" may have " +
                                                                            std::to_string(most) + " items at most");
    std::set<std::string_view> known;
    for (const auto item : items)
    {
        std::string_view text;
        if (!item.get_string().get(text) && accept(text) && known.insert(text).second)
            texts.emplace_back(text);
    }
    return true;
}

} // namespace

Subscriptions::Subscriptions(Services& services, base::HolderBudgets& memory, Sessions& sessions,
                             const ResultMeta& meta, NewsForOthers* others)
    : _services(services), _memory(memory), _sessions(sessions), _meta(meta), _others(others),
      _held(std::make_shared<HeldResources>(services.catalogue)),
      _events(services.metrics.counter("tenon_events_sent_total", "Notifications sent to clients outside of calls"))
{
    services.metrics.gaugeFrom("tenon_listeners_active", "Open subscriptions/listen streams", {},
                               [this] { return static_cast<double>(listeners()); });
    services.catalogue.addListener(*this);
}

Subscriptions::~Subscriptions()
{
    _services.catalogue.removeListener(*this);
    _held->close();
    _services.metrics.remove("tenon_listeners_active", {});
}

ListenFilter Subscriptions::filterOf(const RequestContext& context) const
{
    using jsonrpc::ErrorKind;
    JsonDocument::Element filter;
    if (!context.param("notifications", filter) || !filter.is_object())
        throw jsonrpc::RpcException(ErrorKind::INVALID_PARAMS,
                                    "subscriptions/listen needs the object \"notifications\" in its params");
    const auto flag = [&](std::string_view name)
    {
        JsonDocument::Element value;
        bool on = false;
        return findMember(filter, name, value) && !value.get_bool().get(on) && on;
    };
    ListenFilter wanted;
    wanted.tools = flag("toolsListChanged");
    wanted.prompts = flag("promptsListChanged");
    wanted.resources = flag("resourcesListChanged");
    JsonDocument::Element taskIds;
    if (findMember(filter, "taskIds", taskIds) && !context.client.tasks)
        throw jsonrpc::RpcException(ErrorKind::MISSING_CAPABILITY, "Missing required client capability",
                                    R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})");
    const auto most = _services.options.maxSubscriptions;
    const auto isOwnTask = [&](std::string_view id)
    {
        if (!_services.instance.made(id)) // another's: its news say whose it is
            return true;
        const auto task = _services.tasks.get(std::string(id));
        return task && task->principal == context.principal->id;
    };
    wanted.namesTasks = readTexts(filter, "taskIds", most, isOwnTask, wanted.taskIds);
    wanted.namesUris = readTexts(
        filter, "resourceSubscriptions", most,
        [&](std::string_view uri) { return context.principal->may(base::Access::RESOURCE, uri, true); }, wanted.uris);
    return wanted;
}

void Subscriptions::listen(const RequestContext& context)
{
    if (!context.sink->streams())
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::NOT_ACCEPTABLE,
                                    "subscriptions/listen answers with a stream; accept text/event-stream");
    auto filter = filterOf(context);
    std::size_t bytes = SUBSCRIPTION_BYTES;
    for (const auto* texts : {&filter.taskIds, &filter.uris})
        for (const auto& text : *texts)
            bytes += 2 * text.size() + SUBSCRIPTION_BYTES; // as it was asked for, and as it is held
    auto share = _memory.shareOf(context.holder, context.limits);
    if (!share.tryResize(bytes))
        refuseMemory(_memory, bytes);
    const auto listener = std::make_shared<Listener>(context, std::move(filter), std::move(share),
                                                     [this](const ListenerPtr& gone) { left(gone); });
    {
        std::lock_guard lock(_mutex);
        _listeners.insert(listener);
    }
    context.sink->openStream({}, 0);
    context.sink->onDisconnect(listener);
    const std::weak_ptr<Listener> weak = listener;
    if (!listener->filter.uris.empty())
        _services.timers.after(std::chrono::milliseconds(GATHER_MS),
                               [this, weak, held = std::weak_ptr(_held)]
                               {
                                   const auto resources = held.lock();
                                   const auto late = weak.lock();
                                   if (resources && late)
                                       resources->unlessClosed([&] { acknowledge(late); });
                               });
    listener->gather(_held,
                     [this, weak]
                     {
                         if (const auto gathered = weak.lock())
                             acknowledge(gathered);
                     });
}

void Subscriptions::acknowledge(const ListenerPtr& listener)
{
    if (!listener->acknowledge())
        return;
    bool ended;
    {
        std::lock_guard lock(_mutex);
        ended = _ended;
    }
    if (ended)
        end(listener);
    // A session that ended before the listener was known has not ended it.
    const auto session = listener->connection.lock();
    if (session && session->ended())
        remove(listener);
}

/// Its client has gone. Told on a thread of the transport, so that what follows is another's.
void Subscriptions::left(const ListenerPtr& listener)
{
    try
    {
        _services.executor.post([this, listener] { remove(listener); });
    }
    catch (const std::exception&) // no thread is to be had: rather here than never
    {
        remove(listener);
    }
}

void Subscriptions::remove(const ListenerPtr& listener)
{
    {
        std::lock_guard lock(_mutex);
        if (_listeners.erase(listener) == 0)
            return;
    }
    for (const auto& uri : listener->close())
        _held->release(uri);
}

bool Subscriptions::cancel(const Session& connection, const std::string& requestId)
{
    for (const auto& listener : all())
    {
        const auto of = listener->connection.lock();
        if (of.get() == &connection && listener->requestId == requestId)
        {
            remove(listener);
            listener->sink->close(0);
            return true;
        }
    }
    return false;
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
    for (const auto& listener : all())
        if (listener->connection.lock().get() == &session)
            remove(listener);
}

std::vector<ListenerPtr> Subscriptions::all() const
{
    std::lock_guard lock(_mutex);
    return {_listeners.begin(), _listeners.end()};
}

/// Those that get news.
std::vector<ListenerPtr> Subscriptions::open() const
{
    auto listeners = all();
    std::erase_if(listeners, [](const auto& listener) { return !listener->isOpen(); });
    return listeners;
}

std::size_t Subscriptions::listeners() const
{
    std::lock_guard lock(_mutex);
    return _listeners.size();
}

void Subscriptions::tellList(std::string_view method, bool ListenFilter::*wants)
{
    for (const auto& listener : open())
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
    const bool somebody = _sessions.count() > 0 || listeners() > 0;
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
    for (const auto& listener : open())
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
    for (const auto& listener : open())
        // A task of another instance was taken on trust.
        if (listener->hasTask(task.id) && listener->principal->id == task.principal)
        {
            if (members.empty())
                members = taskMembers(task, true);
            listener->notify("notifications/tasks", members);
            _events.add();
        }
}

std::size_t Subscriptions::broadcast(const std::shared_ptr<const std::string>& message,
                                     const std::function<bool(const Session&)>& wanted,
                                     const std::function<bool(const Stream&)>& wantedStream)
{
    std::size_t reached = 0;
    for (const auto& session : _sessions.all())
        if (wanted(*session))
        {
            session->notifyHere(message);
            _events.add();
            ++reached;
        }

    const auto document = JsonDocument::parse(*message);
    const auto method = base::textMember(document->root(), "method");
    JsonDocument::Element params;
    std::string_view uri;
    if (findMember(document->root(), "params", params))
        uri = base::textMember(params, "uri");
    const std::string members = uri.empty() ? std::string() : uriMember(uri);
    for (const auto& listener : open())
        if (listener->carries(method, uri) && wantedStream(streamOf(*listener)))
        {
            listener->notify(method, members);
            _events.add();
            ++reached;
        }
    return reached;
}

Subscriptions::Stream Subscriptions::streamOf(const Listener& listener)
{
    return {listener.id, listener.principal, listener.transport, listener.openedAt, listener.eventsSent()};
}

std::vector<Subscriptions::Stream> Subscriptions::streams() const
{
    std::vector<Stream> streams;
    for (const auto& listener : all())
        streams.push_back(streamOf(*listener));
    return streams;
}

bool Subscriptions::end(std::string_view id)
{
    for (const auto& listener : all())
        if (listener->id == id)
        {
            end(listener);
            return true;
        }
    return false;
}

void Subscriptions::end(const ListenerPtr& listener)
{
    remove(listener);
    listener->finish("\"resultType\":\"complete\"," + listener->metaHead() + ',' + _meta.serverInfo() + '}');
}

void Subscriptions::endAll()
{
    {
        std::lock_guard lock(_mutex);
        _ended = true;
    }
    for (const auto& listener : all())
        end(listener);
}

} // namespace tenon::mcp

#include "mcp/subscriptions/Subscriptions.h"

#include "base/json/JsonWriter.h"
#include "base/text/PercentCoding.h"
#include "base/text/RandomId.h"
#include "jsonrpc/Envelope.h"
#include "mcp/revisions/Results.h"
#include "mcp/revisions/TaskShape.h"

#include <array>
#include <atomic>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;

namespace
{

std::string uriMember(std::string_view uri)
{
    std::string member = "\"uri\":";
    base::JsonWriter::appendString(member, uri);
    return member;
}

} // namespace

/// One `subscriptions/listen` request whose stream is open.
class Subscriptions::Listener : public DisconnectListener, public std::enable_shared_from_this<Listener>
{
public:
    Listener(Subscriptions& owner, const RequestContext& context)
        : id("listen-" + base::randomId(16)), sink(context.sink), requestId(context.message.id),
          connection(context.session), principal(context.principal), transport(context.transport), _owner(owner)
    {
    }

    void disconnected() override
    {
        // Removing tells plugins, which may take a while: not on the transport's thread.
        const auto self = shared_from_this();
        try
        {
            _owner._services.executor.post([owner = &_owner, self] { owner->remove(self); });
        }
        catch (const std::exception&) // no thread is to be had: rather here than never
        {
            _owner.remove(self);
        }
    }

    /// Whether the client asked for this notification; `uri` is its params'.
    [[nodiscard]] bool carries(std::string_view method, std::string_view uri) const
    {
        return (tools && method == "notifications/tools/list_changed") ||
               (prompts && method == "notifications/prompts/list_changed") ||
               (resources && method == "notifications/resources/list_changed") ||
               (method == "notifications/resources/updated" && !uris.formOf(base::normalUri(uri)).empty());
    }

    [[nodiscard]] Stream stream() const { return {id, principal, transport, openedAt, events.load()}; }

    const std::string id;
    const ResponseSinkPtr sink;
    const std::string requestId;
    const std::weak_ptr<Session> connection;
    const base::PrincipalPtr principal;
    const Transport transport;
    const Poco::Timestamp openedAt;
    mutable std::atomic<std::uint64_t> events{0};
    mutable std::mutex order; ///< held while something is sent: nothing may come before the acknowledgement
    bool tools = false, prompts = false, resources = false;
    SubscribedUris uris;
    std::set<std::string, std::less<>> taskIds;

    [[nodiscard]] std::string meta() const
    {
        return "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + requestId + '}';
    }

    void notify(std::string_view method, std::string_view members) const
    {
        const std::lock_guard lock(order);
        send(method, members);
    }

    /// With `order`.
    void send(std::string_view method, std::string_view members) const
    {
        std::string params = '{' + meta();
        if (!members.empty())
            params += ',';
        params.append(members).append("}");
        ++events; // before the client can have it, and ask
        if (!sink->send(jsonrpc::notification(method, params), {}))
            --events;
    }

private:
    Subscriptions& _owner;
};

Subscriptions::Subscriptions(Services& services, Sessions& sessions, const ResultMeta& meta)
    : _services(services), _sessions(sessions), _meta(meta), _held(services.catalogue, services.options.requestMs),
      _events(services.metrics.counter("tenon_events_sent_total", "Notifications sent to clients outside of calls"))
{
    services.metrics.gaugeFrom("tenon_listeners_active", "Open subscriptions/listen streams", {},
                               [this] { return static_cast<double>(listeners()); });
    services.catalogue.addListener(*this);
}

Subscriptions::~Subscriptions()
{
    _services.catalogue.removeListener(*this);
    _services.metrics.remove("tenon_listeners_active", {});
}

void Subscriptions::listen(const RequestContext& context)
{
    using jsonrpc::ErrorKind;
    JsonDocument::Element filter;
    if (!context.param("notifications", filter) || !filter.is_object())
        throw jsonrpc::RpcException(ErrorKind::INVALID_PARAMS,
                                    "subscriptions/listen needs the object \"notifications\" in its params");
    if (!context.sink->streams())
        throw jsonrpc::RpcException(ErrorKind::NOT_ACCEPTABLE,
                                    "subscriptions/listen answers with a stream; accept text/event-stream");

    const auto listener = std::make_shared<Listener>(*this, context);
    std::string honoured;
    base::JsonWriter writer(honoured);
    writer.key("notifications").beginObject();
    const auto flag = [&](std::string_view name, bool& wants)
    {
        JsonDocument::Element value;
        bool on = false;
        if (findMember(filter, name, value) && !value.get_bool().get(on) && on)
        {
            wants = true;
            writer.member(name, true);
        }
    };
    flag("toolsListChanged", listener->tools);
    flag("promptsListChanged", listener->prompts);
    flag("resourcesListChanged", listener->resources);

    const auto texts = [&](std::string_view name, auto&& accept)
    {
        JsonDocument::Element value;
        simdjson::dom::array items;
        if (!findMember(filter, name, value))
            return;
        if (value.is_null())
            return;
        if (value.get_array().get(items))
            throw jsonrpc::RpcException(ErrorKind::INVALID_PARAMS, "\"" + std::string(name) + "\" must be an array");
        if (items.size() > _services.options.maxSubscriptions)
            throw jsonrpc::RpcException(ErrorKind::INVALID_PARAMS,
                                        "\"" + std::string(name) + "\" may have " +
                                            std::to_string(_services.options.maxSubscriptions) + " items at most");
        writer.key(name).beginArray();
        for (const auto item : items)
        {
            std::string_view text;
            if (!item.get_string().get(text) && accept(std::string(text)))
                writer.value(text);
        }
        writer.endArray();
    };
    JsonDocument::Element taskIds;
    if (findMember(filter, "taskIds", taskIds) && !context.client.tasks)
        throw jsonrpc::RpcException(ErrorKind::MISSING_CAPABILITY, "Missing required client capability",
                                    R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})");
    texts("taskIds",
          [&](const std::string& id)
          {
              const auto task = _services.tasks.get(id);
              return task && task->principal == context.principal->id && listener->taskIds.insert(id).second;
          });
    // Last: what is held is given back by `remove` only.
    texts("resourceSubscriptions",
          [&](const std::string& uri)
          {
              return listener->uris.formOf(base::normalUri(uri)).empty() &&
                     context.principal->may(base::Access::RESOURCE, uri, true) && _held.hold(uri) &&
                     listener->uris.add(uri);
          });
    writer.endObject();

    context.sink->openStream({}, 0);
    // Known to those who notify before it is acknowledged, for what happens from then on must not be missed; they wait.
    bool ended;
    {
        const std::lock_guard first(listener->order);
        {
            std::lock_guard lock(_mutex);
            _listeners.insert(listener);
            ended = _ended;
        }
        listener->send("notifications/subscriptions/acknowledged", honoured);
    }
    context.sink->onDisconnect(listener);
    if (ended)
        end(listener);
    if (context.session && context.session->ended())
        remove(listener);
}

void Subscriptions::remove(const ListenerPtr& listener)
{
    {
        std::lock_guard lock(_mutex);
        if (_listeners.erase(listener) == 0)
            return;
    }
    for (const auto& uri : listener->uris.forms())
        _held.release(uri);
}

bool Subscriptions::cancel(const Session& connection, const std::string& requestId)
{
    for (const auto& listener : copy())
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

void Subscriptions::subscribe(Session& session, std::string_view uri)
{
    using jsonrpc::ErrorKind;
    const std::string text(uri);
    if (session.subscriptions().size() >= _services.options.maxSubscriptions)
        throw jsonrpc::RpcException(ErrorKind::INVALID_PARAMS, "a session may subscribe to " +
                                                                   std::to_string(_services.options.maxSubscriptions) +
                                                                   " resources at most; unsubscribe from others first");
    if (!session.subscribedAs(base::normalUri(uri)).empty())
        return;
    if (!_held.hold(text))
        throw jsonrpc::RpcException(ErrorKind::RESOURCE_NOT_FOUND,
                                    "there is no resource '" + text + "' to subscribe to", uriData(uri));
    if (!session.subscribe(text)) // by another request at the same time
        return _held.release(text);
    // A session that ended meanwhile has been forgotten already, without this one.
    if (session.ended() && session.unsubscribe(text))
        _held.release(text);
}

void Subscriptions::unsubscribe(Session& session, std::string_view uri)
{
    const std::string text(uri);
    if (session.unsubscribe(text))
        _held.release(text);
}

void Subscriptions::forget(Session& session)
{
    for (const auto& uri : session.subscriptions())
        unsubscribe(session, uri);
    for (const auto& listener : copy())
        if (listener->connection.lock().get() == &session)
            remove(listener);
}

std::vector<Subscriptions::ListenerPtr> Subscriptions::copy() const
{
    std::lock_guard lock(_mutex);
    return {_listeners.begin(), _listeners.end()};
}

std::size_t Subscriptions::listeners() const
{
    std::lock_guard lock(_mutex);
    return _listeners.size();
}

void Subscriptions::tellList(std::string_view method, bool Listener::*wants)
{
    for (const auto& listener : copy())
        if ((*listener).*wants)
        {
            listener->notify(method, {});
            _events.add();
        }
    // The same for every session: serialised once.
    const auto message = std::make_shared<const std::string>(jsonrpc::notification(method));
    for (const auto& session : _sessions.all())
    {
        session->notify(message);
        _events.add();
    }
}

void Subscriptions::catalogueChanged(const plugin::CataloguePtr&, bool tools, bool resources, bool prompts)
{
    // On another thread: there may be many streams, and the one that loads plugins has to go on.
    _services.executor.post(
        [this, tools, resources, prompts]
        {
            _held.followCatalogue();
            if (tools)
                tellList("notifications/tools/list_changed", &Listener::tools);
            if (resources)
                tellList("notifications/resources/list_changed", &Listener::resources);
            if (prompts)
                tellList("notifications/prompts/list_changed", &Listener::prompts);
        });
}

void Subscriptions::resourceUpdated(std::string_view uri)
{
    const std::string normal = base::normalUri(uri);
    for (const auto& listener : copy())
        if (const auto form = listener->uris.formOf(normal); !form.empty())
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
            session->notify(form == uri ? message : messageOf(form));
            _events.add();
        }
}

void Subscriptions::taskChanged(const store::TaskRecord& task)
{
    std::string members;
    for (const auto& listener : copy())
        if (listener->taskIds.find(task.id) != listener->taskIds.end())
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
            session->notify(message);
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
    for (const auto& listener : copy())
        if (listener->carries(method, uri) && wantedStream(listener->stream()))
        {
            listener->notify(method, members);
            _events.add();
            ++reached;
        }
    return reached;
}

std::vector<Subscriptions::Stream> Subscriptions::streams() const
{
    std::vector<Stream> all;
    for (const auto& listener : copy())
        all.push_back(listener->stream());
    return all;
}

bool Subscriptions::end(std::string_view id)
{
    for (const auto& listener : copy())
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
    std::string text;
    jsonrpc::appendResponseHead(text, listener->requestId);
    text += "{\"resultType\":\"complete\",\"_meta\":{" + _meta.serverInfo() +
            ",\"io.modelcontextprotocol/subscriptionId\":" + listener->requestId + "}}";
    text += jsonrpc::RESPONSE_END;
    const std::array<std::string_view, 1> parts = {text};
    Answer answer;
    answer.parts = parts;
    answer.modern = true;
    const std::lock_guard lock(listener->order);
    listener->sink->finish(answer);
}

void Subscriptions::endAll()
{
    {
        std::lock_guard lock(_mutex);
        _ended = true;
    }
    for (const auto& listener : copy())
        end(listener);
}

} // namespace tenon::mcp

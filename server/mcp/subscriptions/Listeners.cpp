#include "mcp/subscriptions/Listeners.h"

#include "base/json/JsonDocument.h"
#include "mcp/revisions/Results.h"

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

void refuseMemory(const base::HolderBudgets& memory, std::size_t bytes)
{
    if (memory.full(bytes))
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::LIMIT, "limits.memoryMb is used up; try again later");
    throw jsonrpc::RpcException(
        jsonrpc::ErrorKind::QUOTA,
        "your calls, tasks and subscriptions have reached their limit of memory; end some first");
}

Listeners::Listeners(Services& services, base::HolderBudgets& memory, const ResultMeta& meta,
                     std::shared_ptr<HeldResources> held)
    : _services(services), _memory(memory), _meta(meta), _held(std::move(held))
{
}

ListenFilter Listeners::filterOf(const RequestContext& context) const
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

void Listeners::listen(const RequestContext& context)
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

void Listeners::acknowledge(const ListenerPtr& listener)
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
void Listeners::left(const ListenerPtr& listener)
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

void Listeners::remove(const ListenerPtr& listener)
{
    {
        std::lock_guard lock(_mutex);
        if (_listeners.erase(listener) == 0)
            return;
    }
    for (const auto& uri : listener->close())
        _held->release(uri);
}

bool Listeners::cancel(const Session& connection, const std::string& requestId)
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

void Listeners::forget(const Session& session)
{
    for (const auto& listener : all())
        if (listener->connection.lock().get() == &session)
            remove(listener);
}

std::vector<ListenerPtr> Listeners::all() const
{
    std::lock_guard lock(_mutex);
    return {_listeners.begin(), _listeners.end()};
}

std::vector<ListenerPtr> Listeners::open() const
{
    auto listeners = all();
    std::erase_if(listeners, [](const auto& listener) { return !listener->isOpen(); });
    return listeners;
}

std::size_t Listeners::count() const
{
    std::lock_guard lock(_mutex);
    return _listeners.size();
}

std::vector<Listeners::Stream> Listeners::streams() const
{
    std::vector<Stream> streams;
    for (const auto& listener : all())
        streams.push_back(
            {listener->id, listener->principal, listener->transport, listener->openedAt, listener->eventsSent()});
    return streams;
}

bool Listeners::end(std::string_view id)
{
    for (const auto& listener : all())
        if (listener->id == id)
        {
            end(listener);
            return true;
        }
    return false;
}

void Listeners::end(const ListenerPtr& listener)
{
    remove(listener);
    listener->finish("\"resultType\":\"complete\"," + listener->metaHead() + ',' + _meta.serverInfo() + '}');
}

void Listeners::endAll()
{
    {
        std::lock_guard lock(_mutex);
        _ended = true;
    }
    for (const auto& listener : all())
        end(listener);
}

} // namespace tenon::mcp

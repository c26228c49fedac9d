#include "mcp/subscriptions/Listener.h"

#include "base/json/JsonWriter.h"
#include "base/text/PercentCoding.h"
#include "base/text/RandomId.h"
#include "jsonrpc/Envelope.h"

#include <array>
#include <utility>

namespace tenon::mcp
{

namespace
{

/// Resources of one listener that plugins are being told of at a time: more would fill the plugin's queue.
constexpr std::size_t AT_A_TIME = 16;

} // namespace

Listener::Listener(const RequestContext& context, ListenFilter wanted, base::HolderShare share, Gone gone)
    : id("listen-" + base::randomId(16)), sink(context.sink), requestId(context.id), connection(context.session),
      principal(context.principal), transport(context.transport), filter(std::move(wanted)),
      _taskIds(filter.taskIds.begin(), filter.taskIds.end()), _share(std::move(share)), _gone(std::move(gone))
{
}

/// The next resource to be asked for; false if there is none now, `complete` if there will be none.
bool Listener::next(std::string& uri, bool& complete)
{
    const std::lock_guard lock(_mutex);
    complete = _phase == Phase::GATHERING && _asked == filter.uris.size() && _pending == 0;
    if (_phase == Phase::GATHERING && _asked < filter.uris.size() && _pending < AT_A_TIME)
    {
        uri = filter.uris[_asked++];
        ++_pending;
        return true;
    }
    _asking = false;
    return false;
}

void Listener::gather(const std::shared_ptr<HeldResources>& held, const std::function<void()>& gathered)
{
    {
        const std::lock_guard lock(_mutex);
        if (std::exchange(_asking, true))
            return; // a plugin that answered at once, or beside that thread, which looks again
    }
    std::string uri;
    bool complete = false;
    while (next(uri, complete))
        held->hold(uri, [self = shared_from_this(), held, gathered, uri](tenon_status status)
                   { self->settled(held, gathered, uri, status); });
    if (complete)
        gathered();
}

void Listener::settled(const std::shared_ptr<HeldResources>& held, const std::function<void()>& gathered,
                       const std::string& uri, tenon_status status)
{
    bool taken = false;
    {
        const std::lock_guard lock(_mutex);
        --_pending;
        taken = status >= TENON_OK && _phase == Phase::GATHERING && _uris.add(uri);
    }
    if (status >= TENON_OK && !taken)
        held->release(uri); // too late, or asked for in another form as well
    gather(held, gathered);
}

std::string Listener::honoured() const
{
    std::string members;
    base::JsonWriter writer(members);
    writer.key("notifications").beginObject();
    const auto flag = [&](std::string_view name, bool on)
    {
        if (on)
            writer.member(name, true);
    };
    flag("toolsListChanged", filter.tools);
    flag("promptsListChanged", filter.prompts);
    flag("resourcesListChanged", filter.resources);
    const auto list = [&](std::string_view name, const std::vector<std::string>& all, const auto& isGranted)
    {
        writer.key(name).beginArray();
        for (const auto& item : all)
            if (isGranted(item))
                writer.value(item);
        writer.endArray();
    };
    if (filter.namesTasks)
        list("taskIds", filter.taskIds, [&](const auto& task) { return _taskIds.count(task) > 0; });
    if (filter.namesUris)
        list("resourceSubscriptions", filter.uris,
             [&](const auto& uri) { return _uris.formOf(base::normalUri(uri)) == uri; });
    writer.endObject();
    return members;
}

bool Listener::acknowledge()
{
    const std::lock_guard first(_order);
    {
        const std::lock_guard lock(_mutex);
        if (_phase != Phase::GATHERING)
            return false;
        _phase = Phase::OPEN;
    }
    // Known to those who notify before it is acknowledged, for what happens from then on must not be missed; they wait.
    _open.store(true, std::memory_order_release);
    send("notifications/subscriptions/acknowledged", honoured());
    return true;
}

std::vector<std::string> Listener::close()
{
    const std::lock_guard lock(_mutex);
    if (std::exchange(_phase, Phase::OVER) == Phase::OVER)
        return {};
    return _uris.forms();
}

bool Listener::carries(std::string_view method, std::string_view uri) const
{
    return (filter.tools && method == "notifications/tools/list_changed") ||
           (filter.prompts && method == "notifications/prompts/list_changed") ||
           (filter.resources && method == "notifications/resources/list_changed") ||
           (method == "notifications/resources/updated" && !formOf(base::normalUri(uri)).empty());
}

std::string Listener::metaHead() const
{
    return "\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":" + requestId;
}

void Listener::notify(std::string_view method, std::string_view members) const
{
    const std::lock_guard lock(_order);
    send(method, members);
}

/// With `_order`.
void Listener::send(std::string_view method, std::string_view members) const
{
    std::string params = '{' + metaHead() + '}';
    if (!members.empty())
        params += ',';
    params.append(members).append("}");
    ++_events; // before the client can have it, and ask
    if (!sink->send(jsonrpc::notification(method, params), {}))
        --_events;
}

void Listener::finish(std::string_view members) const
{
    std::string text;
    jsonrpc::appendResponseHead(text, requestId);
    text.append("{").append(members).append("}").append(jsonrpc::RESPONSE_END);
    const std::array<std::string_view, 1> parts = {text};
    Answer answer;
    answer.parts = parts;
    answer.modern = true;
    const std::lock_guard lock(_order);
    sink->finish(answer);
}

} // namespace tenon::mcp

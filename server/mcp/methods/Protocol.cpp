#include "mcp/methods/Protocol.h"

#include "base/json/JsonWriter.h"
#include "base/threads/SteadyClock.h"
#include "mcp/calls/Call.h"
#include "mcp/sessions/Session.h"

#include <utility>

namespace tenon::mcp
{

namespace
{
/// How often deadlines are looked at; with the grace time it keeps answers within 200 ms of them.
constexpr auto CLOCK = std::chrono::milliseconds(25);

/// One of so many parts of `limits.memoryMb` is for what clients make calls and subscriptions keep, and one for their tasks.
/// What is kept for its own sake has a small part: whoever leaves results behind must not use up what calls need.
constexpr unsigned MEMORY_PARTS = 4, TASK_PARTS = 8;

constexpr const char *HELD = "tenon_memory_held_bytes",
                     *HELD_HELP = "Of limits.memoryMb, what peers make the server hold";
const base::Labels CALLS{{"by", "calls"}}, TASKS{{"by", "tasks"}};

/// By which the age of what others sealed is told.
std::function<std::int64_t()> clockOf(const Services& services)
{
    if (!services.bus)
        return nullptr;
    return [bus = services.bus] { return bus->timeOfDayMs(); };
}

} // namespace

Protocol::Protocol(Services& all)
    : services(all), options(all.options), memory(all.budget ? *all.budget : _unlimited, MEMORY_PARTS),
      _keptTasks(all.budget ? *all.budget : _unlimited, TASK_PARTS), _views(all), meta(all.options.implementation),
      sealer(all.options.requestStateKey, all.options.requestStateMs, clockOf(all)), figures(all.metrics),
      cluster(all.archive ? std::make_unique<Cluster>(all) : nullptr),
      sessions(all, cluster.get(), [this](const SessionPtr& session) { subscriptions.forget(*session); }),
      subscriptions(all, memory, sessions, meta, cluster.get()),
      tasks(all, _keptTasks, [this](const store::TaskRecord& task) { taskChanged(task); }),
      callServices{all, options, meta, sealer, tasks, calls, large, figures, memory}
{
    services.metrics.counterFrom("tenon_events_dropped_total", "Events kept for replay that had to go", {},
                                 [this] { return static_cast<double>(this->services.events.dropped()); });
    services.metrics.gaugeFrom("tenon_events_kept_bytes", "Events kept for replay", {},
                               [this] { return static_cast<double>(this->services.events.bytes()); });
    services.metrics.gaugeFrom(HELD, HELD_HELP, CALLS, [this] { return static_cast<double>(memory.used()); });
    services.metrics.gaugeFrom(HELD, HELD_HELP, TASKS, [this] { return static_cast<double>(_keptTasks.used()); });
    services.metrics.gaugeFrom("tenon_calls_in_flight", "Calls that have not ended", {},
                               [this] { return static_cast<double>(calls.count()); });
    if (cluster)
        cluster->join(sessions, subscriptions, tasks);
    _clock = services.timers.every(CLOCK, [this] { calls.checkDeadlines(base::steadyMs()); });
}

Protocol::~Protocol()
{
    if (cluster)
        cluster->stop();
    services.timers.cancel(_clock);
    services.metrics.remove("tenon_calls_in_flight", {});
    services.metrics.remove(HELD, CALLS);
    services.metrics.remove(HELD, TASKS);
    services.metrics.remove("tenon_events_kept_bytes", {});
    services.metrics.remove("tenon_events_dropped_total", {});
    // While all parts are there. What plugins still hold of a call that has ended needs none of them.
    sessions.close();
    for (const auto& session : sessions.all())
        sessions.endHere(session);
    for (const auto& call : calls.all())
        call->abandon(jsonrpc::ErrorKind::LIMIT, "the server is shutting down");
}

void Protocol::taskChanged(const store::TaskRecord& task)
{
    if (!cluster)
        return subscriptions.taskChanged(task);
    if (store::isTerminal(task.status)) // whoever is told of an end must find it, whatever happens now
        return cluster->keepTask(task,
                                 [this, task]
                                 {
                                     // It is another end if somebody took the task over meanwhile.
                                     subscriptions.taskChanged(services.tasks.get(task.id).value_or(task));
                                 });
    cluster->keepTask(task);
    subscriptions.taskChanged(task);
}

void Protocol::endSession(const SessionPtr& session, std::function<void(bool certain)> then)
{
    const bool shared = cluster && session->transport == Transport::STREAMABLE_HTTP;
    // For all first, so that it is not fetched again when it has ended here.
    if (shared)
        cluster->ended(session->id,
                       [then](store::Outcome outcome)
                       {
                           if (then)
                               then(outcome != store::Outcome::AWAY);
                       });
    sessions.end(session);
    if (!shared && then)
        then(true);
}

std::size_t Protocol::broadcast(const std::string& body)
{
    const std::size_t reached = subscriptions.broadcast(Broadcast(body));
    if (cluster)
        cluster->broadcast(body);
    return reached;
}

base::JsonDocumentPtr Protocol::counted(base::JsonDocumentPtr document, const Allowance& sender)
{
    const std::size_t bytes = document->bytes();
    if (bytes <= SMALL_DOCUMENT)
        return document;
    struct Counted
    {
        base::JsonDocumentPtr document;
        base::HolderShare share;
    };
    const auto kept =
        std::make_shared<Counted>(Counted{std::move(document), memory.shareOf(sender.holder, sender.limits)});
    if (kept->share.tryResize(bytes))
        return {kept, kept->document.get()};
    if (memory.full(bytes))
        throw jsonrpc::RpcException(jsonrpc::ErrorKind::LIMIT, "limits.memoryMb is used up; try again later");
    throw jsonrpc::RpcException(
        jsonrpc::ErrorKind::QUOTA,
        "your calls and tasks have reached their limit of memory; wait until one ends, or send less");
}

std::string Protocol::describe() const
{
    std::string text;
    base::JsonWriter(text)
        .beginObject()
        .member("version", TENON_VERSION)
        .member("sessions", sessions.count())
        .member("callsInFlight", calls.count())
        .member("streams", subscriptions.listeners.count())
        .member("tools", services.catalogue.current()->tools.size())
        .member("draining", draining.load())
        .endObject();
    return text;
}

void Protocol::drain(std::uint32_t retryMs)
{
    draining = true;
    sessions.close();
    subscriptions.listeners.endAll();
    for (const auto& session : sessions.all())
        session->closeStandalone(retryMs);
}

void Protocol::endAll(std::uint32_t retryMs)
{
    for (const auto& call : calls.all())
        call->abandon(jsonrpc::ErrorKind::LIMIT, "the server is shutting down; call again when it is back");
    for (const auto& session : sessions.all())
        sessions.endHere(session, retryMs);
}

Protocol::Views::Views(Services& services) : _services(services)
{
    _services.catalogue.addListener(*this);
    catalogueChanged(_services.catalogue.current(), false, false, false);
}

Protocol::Views::~Views()
{
    _services.catalogue.removeListener(*this);
}

void Protocol::Views::catalogueChanged(const plugin::CataloguePtr& catalogue, bool, bool, bool)
{
    if (!catalogue)
        return;
    auto view = std::make_shared<const CatalogueView>(catalogue, _services.metrics, _services.options.pageSize);
    CatalogueViewPtr before; // let go without the lock: it may be the last that keeps a plugin
    const std::lock_guard lock(_mutex);
    before = current.get();
    // At the start the one that was current may come after the news of its successor.
    if (!before || before->catalogue->version <= catalogue->version)
        current.set(view);
}

} // namespace tenon::mcp

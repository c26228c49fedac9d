#include "mcp/Protocol.h"

#include "mcp/Session.h"

namespace tenon::mcp
{

namespace
{
/// How often deadlines are looked at; with the grace time it keeps answers within 200 ms of them.
constexpr auto CLOCK = std::chrono::milliseconds(25);
} // namespace

Protocol::Protocol(Services& all)
    : services(all), options(all.options), meta(all.options.implementation),
      sealer(all.options.requestStateKey, all.options.requestStateMs),
      sessions(all, [this](const SessionPtr& session) { subscriptions.forget(*session); }),
      subscriptions(all, sessions, meta),
      tasks(all, [this](const store::TaskRecord& task) { subscriptions.taskChanged(task); })
{
    services.metrics.gaugeFrom("tenon_calls_in_flight", "Calls that have not ended", {},
                               [this] { return static_cast<double>(calls.count()); });
    _clock = services.timers.every(CLOCK, [this] { calls.checkDeadlines(Session::now()); });
}

Protocol::~Protocol()
{
    services.timers.cancel(_clock);
    services.metrics.remove("tenon_calls_in_flight", {});
}

CatalogueViewPtr Protocol::view()
{
    // Each thread keeps the view it used last: asking for the version is all that most calls do.
    struct Cached
    {
        const Protocol* owner = nullptr;
        CatalogueViewPtr view;
    };
    thread_local Cached cached;
    auto catalogue = services.catalogue.current();
    if (cached.owner == this && cached.view->catalogue == catalogue)
        return cached.view;

    std::lock_guard lock(_viewMutex);
    if (!_view || _view->catalogue != catalogue)
        _view = std::make_shared<CatalogueView>(std::move(catalogue), services.metrics, options.pageSize);
    cached = {this, _view};
    return _view;
}

} // namespace tenon::mcp

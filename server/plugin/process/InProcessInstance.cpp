#include "plugin/process/InProcessInstance.h"

#include "base/text/Reason.h"
#include "base/threads/ThreadRoot.h"
#include "plugin/call/PluginLog.h"

#include <optional>
#include <utility>

namespace tenon::plugin
{

namespace
{

/// What a plugin says outside of calls, on its way to the log and the owner; outlives the instance if the plugin does.
class News final : public HostListener
{
public:
    News(std::string plugin, std::shared_ptr<PluginThreads> threads)
        : _plugin(std::move(plugin)), _threads(std::move(threads))
    {
    }
    void logged(tenon_log_level level, std::string_view message) override { logOfPlugin(_plugin, level, message); }
    void listChanged(tenon_list_kind) override
    {
        _threads->tell([&](InstanceOwner& owner) { owner.listChanged(_plugin); });
    }
    void resourceUpdated(std::string_view uri) override
    {
        _threads->tell([&](InstanceOwner& owner) { owner.resourceUpdated(uri); });
    }

private:
    const std::string _plugin;
    const std::shared_ptr<PluginThreads> _threads;
};

/// A plugin together with what it speaks to.
struct LoadedWithNews
{
    LoadedWithNews(const std::shared_ptr<LibraryImage>& image, const PluginConfig& config,
                   const std::shared_ptr<PluginThreads>& threads)
        : news(config.name, threads), plugin(image, config.name, config.settings, news)
    {
    }
    News news;
    LoadedPlugin plugin;
};

} // namespace

InProcessInstance::InProcessInstance(const PluginConfig& config, std::shared_ptr<LibraryImage> image,
                                     std::shared_ptr<PluginThreads> threads, std::shared_ptr<PluginLimit> limit)
    : _threads(std::move(threads)), _name(config.name),
      _grace(config.graceMs), _watched{config.name, limit ? std::move(limit) : std::make_shared<PluginLimit>(0)},
      _entries(std::make_shared<EntryQueue>(EntryQueue::Concurrency::PARALLEL, 0, config.maxQueued, _watched.limit)),
      _orders(std::make_shared<SubscriptionOrders>(_threads, _watched.limit, config.maxQueued, config.orderTimeout())),
      _main(config.name, std::chrono::milliseconds(config.loadTimeoutMs)),
      _plugin(_main.run("create",
                        [image = std::move(image), config, all = _threads]
                        {
                            const auto loaded = std::make_shared<LoadedWithNews>(image, config, all);
                            return std::shared_ptr<LoadedPlugin>(loaded, &loaded->plugin);
                        }))
{
}

InProcessInstance::~InProcessInstance()
{
    try
    {
        // The plugin ends there, if nothing else of it hangs.
        _main.run("stop", [plugin = std::move(_plugin)]() mutable { plugin.reset(); });
    }
    catch (const std::exception& exc) // it hangs, or there is no memory or thread
    {
        base::threadRoot("the log of a plugin",
                         [&] { logOfPlugin(_name, TENON_LOG_ERROR, "it is left as it is: " + base::reasonOf(exc)); });
    }
}

Offer InProcessInstance::offer()
{
    return _main.run("list", [plugin = _plugin] { return plugin->offer(); });
}

InstanceStatus InProcessInstance::status() const
{
    InstanceStatus status;
    status.callsInside = static_cast<std::uint64_t>(_inside.value());
    status.lacks = _plugin->lacks();
    status.lostThreads = _watched.lost;
    status.everLostThreads = _watched.everLost;
    return status;
}

/// Calls may enter from here on; gives those that waited.
std::deque<InProcessInstance::Waiting> InProcessInstance::open()
{
    std::deque<Waiting> waiting;
    std::lock_guard lock(_gate);
    _open.store(true, std::memory_order_release);
    waiting.swap(_waiting);
    return waiting;
}

void InProcessInstance::start(const Handover* before)
{
    _threads->watch().start(_threads->timers());
    try
    {
        _main.run("start",
                  [plugin = _plugin, handover = before ? std::optional<Handover>(*before) : std::nullopt]
                  {
                      if (handover)
                          plugin->loadState(handover->version, handover->state);
                      plugin->start();
                  });
    }
    catch (...)
    {
        for (const auto& one : open())
            one.call->fail(FAILED_BY_HOST, "the plugin '" + name() + "' could not be started");
        throw;
    }
    for (const auto& one : open())
        _threads->postCall(
            [self = shared_from_this(), one]
            {
                const auto status = self->enter(one.target, one.index, one.call);
                if (status == TENON_INPUT_PENDING)
                    one.call->inputPending();
                else if (status < TENON_OK)
                    one.call->fail(status, {});
            });
}

std::string InProcessInstance::stopAndSave()
{
    try
    {
        return _main.run("stop",
                         [plugin = _plugin]
                         {
                             std::string state;
                             plugin->stop(&state);
                             return state;
                         });
    }
    catch (const LoadException&) // logged
    {
        return {};
    }
}

/// Keeps a call that came before the start.
bool InProcessInstance::waits(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    std::lock_guard lock(_gate);
    if (_open.load(std::memory_order_acquire))
        return false;
    _waiting.push_back({target, index, call, shared_from_this()});
    return true;
}

tenon_status InProcessInstance::enter(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    if (!_open.load(std::memory_order_acquire) && waits(target, index, call))
        return TENON_ASYNC;
    _inside.add();
    tenon_status status;
    {
        const CallWatch::Inside inside(_threads->watch(), _watched, call->deadlineMs(), _grace);
        status = _plugin->enter(target, index, call, [this] { return shared_from_this(); });
    }
    _inside.add(-1);
    return status;
}

void InProcessInstance::subscribe(std::string uri, OrderDone done)
{
    _orders->subscribe(shared_from_this(), std::move(uri), std::move(done));
}

void InProcessInstance::unsubscribe(std::string uri)
{
    _orders->unsubscribe(shared_from_this(), std::move(uri));
}

} // namespace tenon::plugin

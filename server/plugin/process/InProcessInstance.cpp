#include "plugin/process/InProcessInstance.h"

#include "plugin/call/PluginLog.h"

#include <utility>

namespace tenon::plugin
{

InProcessInstance::InProcessInstance(const PluginConfig& config, std::shared_ptr<LibraryImage> image,
                                     std::shared_ptr<PluginThreads> threads, std::shared_ptr<PluginLimit> limit)
    : _threads(std::move(threads)), _logName(config.name),
      _grace(config.graceMs), _watched{config.name, std::move(limit)},
      _plugin(std::move(image), config.name, config.settings, *this)
{
}

InstanceStatus InProcessInstance::status() const
{
    InstanceStatus status;
    status.callsInside = _inside.load(std::memory_order_relaxed);
    status.lostThreads = _watched.lost;
    status.everLostThreads = _watched.everLost;
    return status;
}

void InProcessInstance::start(const Handover* before)
{
    _threads->watch().start();
    const auto open = [this]
    {
        std::deque<Waiting> waiting;
        std::lock_guard lock(_gate);
        _open.store(true, std::memory_order_release);
        waiting.swap(_waiting);
        return waiting;
    };
    try
    {
        if (before)
            _plugin.loadState(before->version, before->state);
        _plugin.start();
    }
    catch (...)
    {
        for (const auto& one : open())
            one.call->fail(TENON_ERROR_FAILED, "the plugin '" + name() + "' could not be started");
        throw;
    }
    for (const auto& one : open())
        _threads->postCall(
            [self = shared_from_this(), one]
            {
                const auto status = self->run(one.target, one.index, one.call);
                if (status == TENON_INPUT_PENDING)
                    one.call->inputPending();
                else if (status < TENON_OK)
                    one.call->fail(status, {});
            });
}

std::string InProcessInstance::stopAndSave()
{
    std::string state;
    _plugin.stop(&state);
    return state;
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
    return run(target, index, call);
}

tenon_status InProcessInstance::run(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    _inside.fetch_add(1, std::memory_order_relaxed);
    tenon_status status;
    {
        const CallWatch::Inside inside(_threads->watch(), _watched, call->deadlineMs(), _grace);
        status = _plugin.enter(target, index, call, shared_from_this());
    }
    _inside.fetch_sub(1, std::memory_order_relaxed);
    return status;
}

tenon_status InProcessInstance::subscribe(std::string_view uri)
{
    std::lock_guard lock(_subscriptions);
    return _plugin.subscribe(uri);
}

void InProcessInstance::unsubscribe(std::string_view uri)
{
    std::lock_guard lock(_subscriptions);
    _plugin.unsubscribe(uri);
}

void InProcessInstance::logged(tenon_log_level level, std::string_view message)
{
    logOfPlugin(_logName, level, message);
}

void InProcessInstance::listChanged(tenon_list_kind)
{
    _threads->tell([&](InstanceOwner& owner) { owner.listChanged(_logName); });
}

void InProcessInstance::resourceUpdated(std::string_view uri)
{
    _threads->tell([&](InstanceOwner& owner) { owner.resourceUpdated(uri); });
}

} // namespace tenon::plugin

#include "plugin/InProcessInstance.h"

#include "plugin/PluginLog.h"

#include <utility>

namespace tenon::plugin
{

InProcessInstance::InProcessInstance(const PluginConfig& config, std::shared_ptr<LibraryImage> image,
                                     std::shared_ptr<Lifecycle> lifecycle)
    : _lifecycle(std::move(lifecycle)), _logName(config.name),
      _plugin(std::move(image), config.name, config.settings, *this)
{
}

InstanceStatus InProcessInstance::status() const
{
    InstanceStatus status;
    status.callsInside = _inside.load(std::memory_order_relaxed);
    return status;
}

tenon_status InProcessInstance::enter(Target target, std::uint32_t index, const CallBackendPtr& call)
{
    _inside.fetch_add(1, std::memory_order_relaxed);
    const auto status = _plugin.enter(target, index, call, shared_from_this());
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
    _lifecycle->tell([&](InstanceOwner& owner) { owner.listChanged(_logName); });
}

void InProcessInstance::resourceUpdated(std::string_view uri)
{
    _lifecycle->tell([&](InstanceOwner& owner) { owner.resourceUpdated(uri); });
}

} // namespace tenon::plugin

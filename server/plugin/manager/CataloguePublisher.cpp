#include "plugin/manager/CataloguePublisher.h"

#include "base/threads/LostThreads.h"
#include "plugin/call/PluginLog.h"

#include <algorithm>

namespace tenon::plugin
{

namespace
{

/// Whether two lists say the same to clients.
template <typename Entry>
bool sameDefinitions(const std::vector<Entry>& left, const std::vector<Entry>& right)
{
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const Entry& one, const Entry& other) { return one.definition == other.definition; });
}

void logRefusal(const Refusal& refusal)
{
    logOfPlugin(refusal.plugin, TENON_LOG_ERROR,
                "refused" + (refusal.subject.empty() ? std::string() : " " + refusal.subject) + ": " + refusal.reason);
}

PluginStatus statusOf(const std::string& name, const PluginSlot& slot)
{
    PluginStatus status;
    status.name = name;
    status.file = slot.file.path;
    status.sha256 = slot.image ? slot.image->sha256() : std::string();
    status.isolation = slot.upstream                                 ? "upstream"
                       : slot.lent                                   ? "attached"
                       : slot.config.isolation == Isolation::PROCESS ? "process"
                                                                     : "none";
    status.state = slot.failed ? "failed" : !slot.refusal.empty() ? "refused" : slot.instance ? "running" : "disabled";
    status.reason = slot.refusal;
    status.pinned = slot.pinned;
    status.confined = slot.config.isolation == Isolation::PROCESS && slot.config.sandbox.enabled;
    status.reloads = slot.reloads;
    status.failedReloads = slot.failedReloads;
    if (!slot.instance)
        return status;
    status.version = slot.entries.version;
    status.tools = slot.entries.tools.size();
    status.resources = slot.entries.resources.size();
    status.templates = slot.entries.templates.size();
    status.prompts = slot.entries.prompts.size();
    return status;
}

} // namespace

CataloguePublisher::CataloguePublisher()
{
    auto empty = std::make_shared<Catalogue>();
    empty->seal();
    _current.set(empty);
}

void CataloguePublisher::publish(const PluginSlots& slots)
{
    std::vector<std::pair<InstancePtr, const Entries*>> plugins;
    std::vector<Refusal> refusals;
    Report report;
    for (const auto& [name, slot] : slots)
    {
        if (!slot.refusal.empty())
            refusals.push_back({name, "", slot.refusal});
        // One that is switched off stays: who calls it is told so, rather than that there is no such tool.
        if (slot.instance)
        {
            plugins.emplace_back(slot.instance, &slot.entries);
            refusals.insert(refusals.end(), slot.entries.refusals.begin(), slot.entries.refusals.end());
        }
        if (!slot.candidateRefusal.empty())
            refusals.push_back({name, "the new file", slot.candidateRefusal});
        report.emplace_back(statusOf(name, slot), slot.instance);
    }
    const auto next = merge(plugins, refusals);
    next->seal();

    const CataloguePtr before = _current.get();
    const bool tools = !sameDefinitions(before->tools, next->tools);
    const bool resources = !sameDefinitions(before->resources, next->resources) ||
                           !sameDefinitions(before->templates, next->templates) ||
                           !sameDefinitions(before->skills, next->skills);
    const bool prompts = !sameDefinitions(before->prompts, next->prompts);
    next->version = before->version + 1;
    next->toolsVersion = before->toolsVersion + (tools ? 1 : 0);
    next->resourcesVersion = before->resourcesVersion + (resources ? 1 : 0);
    next->promptsVersion = before->promptsVersion + (prompts ? 1 : 0);
    keep(std::move(refusals), report);
    _current.set(next);
    report.clear();

    std::lock_guard lock(_listenerMutex);
    for (CatalogueListener* listener : _listeners)
        listener->catalogueChanged(next, tools, resources, prompts);
}

/// Gives back in `report` what was kept before: instances in it may end with it, which no lock must wait for.
void CataloguePublisher::keep(std::vector<Refusal> refusals, Report& report)
{
    std::lock_guard lock(_reportMutex);
    for (const auto& refusal : refusals)
        if (std::find(_refusals.begin(), _refusals.end(), refusal) == _refusals.end())
            logRefusal(refusal);
    _refusals = std::move(refusals);
    _report.swap(report);
}

void CataloguePublisher::addListener(CatalogueListener& listener)
{
    std::lock_guard lock(_listenerMutex);
    _listeners.push_back(&listener);
}

void CataloguePublisher::removeListener(CatalogueListener& listener)
{
    std::lock_guard lock(_listenerMutex);
    std::erase(_listeners, &listener);
}

void CataloguePublisher::resourceUpdated(std::string_view uri)
{
    std::lock_guard lock(_listenerMutex);
    for (CatalogueListener* listener : _listeners)
        listener->resourceUpdated(uri);
}

std::vector<Refusal> CataloguePublisher::refusals() const
{
    std::lock_guard lock(_reportMutex);
    return _refusals;
}

std::vector<PluginStatus> CataloguePublisher::status() const
{
    std::vector<PluginStatus> all;
    std::lock_guard lock(_reportMutex);
    for (const auto& [report, instance] : _report)
    {
        PluginStatus status = report;
        if (instance)
        {
            status.instance = instance->status();
            status.state = status.instance.state;
            if (status.reason.empty() && status.state != "running")
                status.reason = status.instance.reason;
        }
        all.push_back(std::move(status));
    }
    return all;
}

bool CataloguePublisher::hasCallsInside() const
{
    std::lock_guard lock(_reportMutex);
    return base::LostThreads::instance().count() > 0 ||
           std::any_of(_report.begin(), _report.end(),
                       [](const auto& entry)
                       { return entry.second && entry.second->mayBlock() && entry.second->status().callsInside > 0; });
}

} // namespace tenon::plugin

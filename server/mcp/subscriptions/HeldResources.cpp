#include "mcp/subscriptions/HeldResources.h"

#include "base/text/PercentCoding.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <vector>

namespace tenon::mcp
{

namespace
{

/// The plugin's answer, which comes within its deadline.
tenon_status subscribeAndWait(plugin::Instance& instance, const std::string& uri)
{
    const auto answer = std::make_shared<std::promise<tenon_status>>();
    auto answered = answer->get_future();
    instance.subscribe(uri, [answer](tenon_status status) { answer->set_value(status); });
    return answered.get();
}

} // namespace

HeldResources::HeldResources(const plugin::CatalogueSource& catalogue, std::int64_t patienceMs)
    : _catalogue(catalogue), _patienceMs(patienceMs)
{
}

HeldResources::Home HeldResources::homeOf(const std::string& uri) const
{
    const auto catalogue = _catalogue.current();
    if (const auto* resource = catalogue->resource(uri))
        return {resource->instance, resource->uri};
    std::vector<std::pair<std::string, std::string>> variables;
    for (const auto& candidate : catalogue->templates)
        if (candidate.matches(uri, variables))
            return {candidate.instance, uri};
    return {nullptr, uri};
}

/// Until no plugin is being told of `uri`; false if that takes too long.
bool HeldResources::awaitTurn(std::unique_lock<std::mutex>& lock, const std::string& uri)
{
    const auto idle = [&]
    {
        const auto held = _held.find(uri);
        return held == _held.end() || !held->second.telling;
    };
    if (_patienceMs > 0)
        return _told.wait_for(lock, std::chrono::milliseconds(_patienceMs), idle);
    _told.wait(lock, idle);
    return true;
}

bool HeldResources::hold(const std::string& form)
{
    const std::string uri = base::normalUri(form);
    std::unique_lock lock(_mutex);
    if (!awaitTurn(lock, uri))
        return false;
    if (const auto held = _held.find(uri); held != _held.end())
    {
        ++held->second.holders;
        return true;
    }
    const Home home = homeOf(form);
    if (!home.instance)
        return false;
    _held[uri].telling = true;
    lock.unlock();
    const bool taken = subscribeAndWait(*home.instance, home.uri) >= 0;
    lock.lock();
    if (taken)
        _held[uri] = Held{home.uri, 1, home.instance, false};
    else
        _held.erase(uri);
    _told.notify_all();
    return taken;
}

void HeldResources::release(const std::string& form)
{
    const std::string uri = base::normalUri(form);
    std::unique_lock lock(_mutex);
    const auto held = _held.find(uri);
    if (held == _held.end() || held->second.holders == 0 || --held->second.holders > 0 || held->second.telling)
        return; // whoever tells a plugin looks again
    const auto instance = held->second.instance.lock();
    if (!instance)
    {
        _held.erase(held);
        return;
    }
    held->second.telling = true;
    const std::string told = held->second.uri;
    lock.unlock();
    instance->unsubscribe(told);
    lock.lock();
    _held.erase(uri);
    _told.notify_all();
}

void HeldResources::followCatalogue()
{
    std::vector<std::string> uris;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [uri, held] : _held)
            uris.push_back(uri);
    }
    for (const auto& uri : uris)
        move(uri);
}

/// From the plugin that was told to the one that has the resource now.
void HeldResources::move(const std::string& uri)
{
    std::unique_lock lock(_mutex);
    auto held = awaitTurn(lock, uri) ? _held.find(uri) : _held.end();
    if (held == _held.end())
        return;
    const auto before = held->second.instance.lock();
    const std::string told = held->second.uri;
    const auto [now, name] = homeOf(told);
    if (before == now)
        return;
    held->second.telling = true;
    lock.unlock();
    const auto catalogue = _catalogue.current();
    const auto& instances = catalogue->instances;
    // One that was replaced is about to stop and needs no more orders.
    if (before && std::find(instances.begin(), instances.end(), before) != instances.end())
        before->unsubscribe(told);
    // A resource that is gone, or whose plugin refuses, may come back with the next change.
    const bool taken = now && subscribeAndWait(*now, name) >= 0;
    lock.lock();
    held = _held.find(uri);
    held->second.instance.reset();
    if (taken)
    {
        held->second.instance = now;
        held->second.uri = name;
    }
    held->second.telling = false;
    const bool left = held->second.holders == 0;
    _told.notify_all();
    if (!left)
        return;
    ++held->second.holders; // all who wanted it went meanwhile
    lock.unlock();
    release(uri);
}

} // namespace tenon::mcp

#include "mcp/subscriptions/HeldResources.h"

#include "base/text/PercentCoding.h"
#include "mcp/Log.h"
#include "plugin/catalogue/UnlistedResources.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace tenon::mcp
{

HeldResources::Home HeldResources::homeOf(const std::string& uri) const
{
    const auto catalogue = _catalogue.current();
    if (const auto* resource = catalogue->resource(uri))
        return {resource->instance, resource->uri};
    std::vector<std::pair<std::string, std::string>> variables;
    for (const auto& candidate : catalogue->templates)
        if (candidate.matches(uri, variables))
            return {candidate.instance, uri};
    return {plugin::homeOfUnlisted(*catalogue, plugin::UnlistedResources::Use::SUBSCRIBE), uri};
}

void HeldResources::unlessClosed(const std::function<void()>& work)
{
    {
        const std::lock_guard lock(_mutex);
        if (_closed)
            return;
        ++_running;
    }
    run(work);
}

/// `_running` counts it.
void HeldResources::run(const std::function<void()>& work)
{
    try
    {
        work();
    }
    catch (const std::exception& exc)
    {
        logger().error(std::string("updates of a subscription were lost: ") + exc.what());
    }
    const std::lock_guard lock(_mutex);
    if (--_running == 0)
        _quiet.notify_all();
}

void HeldResources::hold(const std::string& form, Done done)
{
    const std::string key = base::normalUri(form);
    bool first = false, closed = false;
    {
        const std::lock_guard lock(_mutex);
        closed = _closed;
        if (!closed)
        {
            const auto [entry, fresh] = _held.try_emplace(key);
            Held& held = entry->second;
            first = fresh;
            if (fresh || held.telling)
            {
                held.waiting.push_back(std::exchange(done, nullptr));
                held.telling = true;
            }
            else
                ++held.holders;
        }
    }
    if (done)
        done(closed ? TENON_ERROR_CANCELLED : TENON_OK);
    else if (first)
        tell(key, homeOf(form));
}

/// `telling` is set.
void HeldResources::tell(const std::string& key, const Home& home)
{
    {
        const std::lock_guard lock(_mutex);
        if (const auto entry = _held.find(key); entry != _held.end())
            entry->second.uri = home.uri;
    }
    if (!home.instance)
        return told(key, {}, TENON_ERROR_NOT_FOUND);
    const std::weak_ptr<plugin::Instance> asked = home.instance;
    try
    {
        home.instance->subscribe(home.uri,
                                 [self = weak_from_this(), key, asked](tenon_status status)
                                 {
                                     if (const auto held = self.lock())
                                         held->told(key, asked, status);
                                 });
    }
    catch (const std::exception&)
    {
        told(key, {}, TENON_ERROR_RESOURCES);
    }
}

void HeldResources::told(const std::string& key, const std::weak_ptr<plugin::Instance>& instance, tenon_status status)
{
    std::vector<Done> waiting;
    std::string uri;
    bool moved = false, unwanted = false;
    {
        const std::lock_guard lock(_mutex);
        const auto entry = _held.find(key);
        if (entry == _held.end() || !entry->second.telling)
            return;
        Held& held = entry->second;
        waiting.swap(held.waiting); // `close` has left nobody
        _running += waiting.size();
        moved = std::exchange(held.moved, false);
        held.telling = false;
        uri = held.uri;
        held.instance.reset();
        if (status >= TENON_OK)
        {
            held.instance = instance;
            held.holders += waiting.size();
        }
        // A resource that is gone, or whose plugin refuses, may come back with the next change.
        if (held.holders == 0 && status < TENON_OK)
            _held.erase(entry);
        else if (held.holders == 0) // all who wanted it went meanwhile
            unwanted = held.telling = true;
    }
    for (const auto& done : waiting)
        run([&] { done(status); });
    if (unwanted)
        dismiss(key, {instance.lock(), uri});
    else if (moved)
        unlessClosed([&] { move(key); });
}

void HeldResources::release(const std::string& form)
{
    const std::string key = base::normalUri(form);
    Home home;
    {
        const std::lock_guard lock(_mutex);
        const auto entry = _held.find(key);
        if (entry == _held.end() || entry->second.holders == 0 || --entry->second.holders > 0 || entry->second.telling)
            return; // whoever tells a plugin looks again
        home = {entry->second.instance.lock(), entry->second.uri};
        entry->second.telling = true;
    }
    dismiss(key, home);
}

/// `telling` is set, and nobody wants it: its plugin is told, unless it has gone.
void HeldResources::dismiss(const std::string& key, const Home& home)
{
    try
    {
        if (home.instance)
            home.instance->unsubscribe(home.uri);
    }
    catch (const std::exception&)
    {
        // It goes on to send news of what nobody wants; they are dropped.
    }
    {
        const std::lock_guard lock(_mutex);
        const auto entry = _held.find(key);
        if (entry == _held.end())
            return;
        if (entry->second.waiting.empty())
        {
            _held.erase(entry);
            return;
        }
        entry->second.instance.reset();
        entry->second.moved = false;
    }
    // Meanwhile somebody came.
    unlessClosed([&] { tell(key, homeOf(home.uri)); });
}

void HeldResources::followCatalogue()
{
    std::vector<std::string> keys;
    {
        const std::lock_guard lock(_mutex);
        for (const auto& [key, held] : _held)
            keys.push_back(key);
    }
    for (const auto& key : keys)
        unlessClosed([&] { move(key); });
}

/// From the plugin that was told to the one that has the resource now.
void HeldResources::move(const std::string& key)
{
    Home before, now;
    {
        const std::lock_guard lock(_mutex);
        const auto entry = _held.find(key);
        if (entry == _held.end())
            return;
        if (entry->second.telling)
        {
            entry->second.moved = true;
            return;
        }
        before = {entry->second.instance.lock(), entry->second.uri};
        now = homeOf(before.uri);
        if (before.instance == now.instance)
            return;
        entry->second.telling = true;
    }
    const auto catalogue = _catalogue.current();
    const auto& instances = catalogue->instances;
    // One that was replaced is about to stop and needs no more orders.
    if (before.instance && std::find(instances.begin(), instances.end(), before.instance) != instances.end())
        before.instance->unsubscribe(before.uri);
    tell(key, now);
}

void HeldResources::close()
{
    std::vector<Done> waiting;
    std::unique_lock lock(_mutex);
    _closed = true;
    for (auto& [uri, held] : _held)
        for (auto& done : std::exchange(held.waiting, {}))
            waiting.push_back(std::move(done));
    lock.unlock();
    for (const auto& done : waiting)
        done(TENON_ERROR_CANCELLED);
    lock.lock();
    _quiet.wait(lock, [this] { return _running == 0; });
}

} // namespace tenon::mcp

#include "net/route/Router.h"

#include "net/route/MemoryRequest.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPServerRequest.h>

#include <algorithm>
#include <utility>

namespace tenon::net
{

namespace
{

std::string allowOf(std::uint8_t methods)
{
    std::string allow;
    const auto add = [&allow](std::string_view name)
    {
        if (!allow.empty())
            allow.append(", ");
        allow.append(name);
    };
    if ((methods & Route::GET) != 0)
    {
        add("GET");
        add("HEAD");
    }
    if ((methods & Route::POST) != 0)
        add("POST");
    if ((methods & Route::PUT) != 0)
        add("PUT");
    if ((methods & Route::DELETE_) != 0)
        add("DELETE");
    add("OPTIONS");
    return allow;
}

std::uint8_t methodBit(std::string_view method)
{
    if (method == "POST")
        return Route::POST;
    if (method == "GET" || method == "HEAD")
        return Route::GET;
    if (method == "DELETE")
        return Route::DELETE_;
    if (method == "PUT")
        return Route::PUT;
    return 0;
}

} // namespace

void Router::add(const std::string& path, Route route, HandlerFactory handler)
{
    route.handler = std::move(handler);
    if (route.allow.empty())
        route.allow = allowOf(route.methods);
    if (path.ends_with("/*"))
    {
        const std::string prefix = path.substr(0, path.size() - 1);
        for (const auto& [taken, unused] : _prefixes)
            if (taken == prefix)
                throw Poco::ExistsException("two routes for the path", path);
        _prefixes.emplace_back(prefix, std::move(route));
        std::stable_sort(_prefixes.begin(), _prefixes.end(),
                         [](const auto& left, const auto& right) { return left.first.size() > right.first.size(); });
        return;
    }
    const auto [entry, added] = _exact.emplace(path, std::move(route));
    if (!added)
        throw Poco::ExistsException("two routes for the path", path);
    if (_favourite == nullptr)
    {
        _favourite = &entry->second;
        _favouritePath = path;
    }
}

void Router::wrapDirect(const std::string& path,
                        const std::function<std::shared_ptr<Endpoint>(std::shared_ptr<Endpoint> inner)>& wrap)
{
    if (const auto entry = _exact.find(path); entry != _exact.end() && entry->second.direct)
        entry->second.direct = wrap(std::move(entry->second.direct));
}

Router::Way Router::find(std::string_view path, std::string_view method) const
{
    const std::uint8_t bit = methodBit(method);
    if (path == _favouritePath)
        return {_favourite, bit};
    if (const auto entry = _exact.find(path); entry != _exact.end())
        return {&entry->second, bit};
    for (const auto& [prefix, route] : _prefixes)
        if (path.size() > prefix.size() && path.starts_with(prefix))
            return {&route, bit, path.substr(prefix.size())};
    return {nullptr, bit};
}

Poco::Net::HTTPRequestHandler* Router::createRequestHandler(const Poco::Net::HTTPServerRequest& request)
{
    const Route* route = nullptr;
    if (const auto* own = dynamic_cast<const MemoryRequest*>(&request))
        route = &own->route();
    else
    {
        const std::string& target = request.getURI();
        route = find(std::string_view(target).substr(0, target.find('?')), request.getMethod()).route;
    }
    return route != nullptr && route->handler ? route->handler().release() : nullptr;
}

} // namespace tenon::net

#include "plugin/call/KeptSubscriptions.h"

#include <utility>

namespace tenon::plugin
{

void KeptSubscriptions::subscribe(const InstancePtr& instance, const std::string& uri, OrderDone done)
{
    _orders->subscribe(instance, uri,
                       [self = weak_from_this(), uri, done = std::move(done)](tenon_status status)
                       {
                           if (const auto kept = status >= TENON_OK ? self.lock() : nullptr)
                           {
                               const std::lock_guard lock(kept->_mutex);
                               kept->_uris.insert(uri);
                           }
                           if (done)
                               done(status);
                       });
}

void KeptSubscriptions::unsubscribe(const InstancePtr& instance, std::string uri)
{
    {
        const std::lock_guard lock(_mutex);
        _uris.erase(uri);
    }
    _orders->unsubscribe(instance, std::move(uri));
}

void KeptSubscriptions::again(const InstancePtr& instance)
{
    std::set<std::string> uris;
    {
        const std::lock_guard lock(_mutex);
        uris = _uris;
    }
    for (const auto& uri : uris)
        _orders->subscribe(instance, uri, nullptr);
}

} // namespace tenon::plugin

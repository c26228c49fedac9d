#pragma once

#include "plugin/call/SubscriptionOrders.h"

#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace tenon::plugin
{

/// What clients want to know of the resources of a plugin whose processes come and go: each that comes is told what those
/// before it knew.
///
/// Threading: any thread.
class KeptSubscriptions : public std::enable_shared_from_this<KeptSubscriptions>
{
public:
    explicit KeptSubscriptions(std::shared_ptr<SubscriptionOrders> orders) : _orders(std::move(orders)) {}

    /// As SubscriptionOrders; kept once the plugin has agreed.
    void subscribe(const InstancePtr& instance, const std::string& uri, OrderDone done);
    void unsubscribe(const InstancePtr& instance, std::string uri);

    /// Tells a process that has just come.
    void again(const InstancePtr& instance);

private:
    const std::shared_ptr<SubscriptionOrders> _orders;

    std::mutex _mutex; // guards:
    std::set<std::string> _uris;
};

} // namespace tenon::plugin

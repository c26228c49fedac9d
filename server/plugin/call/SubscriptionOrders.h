#pragma once

#include "plugin/call/EntryQueue.h"
#include "plugin/call/Instance.h"
#include "plugin/call/PluginThreads.h"

#include <chrono>
#include <memory>
#include <string>

namespace tenon::plugin
{

/// What clients want to know of a plugin's resources, on its way into the plugin: one order at a time, in the order given,
/// through the plugin's limit, and each with a deadline. A plugin that does not return from one holds up its own alone.
///
/// Threading: any thread.
class SubscriptionOrders : public std::enable_shared_from_this<SubscriptionOrders>
{
public:
    /// Shape: `timeout` is what an order has from the moment it is given; `maxQueued` how many may wait.
    SubscriptionOrders(std::shared_ptr<PluginThreads> threads, const std::shared_ptr<PluginLimit>& limit,
                       std::size_t maxQueued, std::chrono::milliseconds timeout);

    /// As `Instance::subscribe`. A plugin that agrees after the deadline is told that nobody wants it any more.
    ///
    /// Ownership: keeps `instance` until the order has ended.
    void subscribe(const InstancePtr& instance, std::string uri, OrderDone done);
    void unsubscribe(const InstancePtr& instance, std::string uri);

private:
    class Order;

    void give(const std::shared_ptr<Order>& order);

    const std::shared_ptr<PluginThreads> _threads;
    const std::shared_ptr<EntryQueue> _turns;
    const std::chrono::milliseconds _timeout;
};

} // namespace tenon::plugin

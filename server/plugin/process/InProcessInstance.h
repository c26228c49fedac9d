#pragma once

#include "base/metrics/Metrics.h"
#include "plugin/call/EntryQueue.h"
#include "plugin/call/MainThread.h"
#include "plugin/call/PluginThreads.h"
#include "plugin/call/SubscriptionOrders.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/process/LoadedPlugin.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::plugin
{

/// A plugin in the server's own process.
///
/// Whatever the plugin does not return from is left to it: a call's thread is written off (`CallWatch`), a step of the
/// [main-thread] has its own, and what either needs stays as long as it runs.
///
/// Threading: as `ManagedInstance`.
class InProcessInstance final : public ManagedInstance, public std::enable_shared_from_this<InProcessInstance>
{
public:
    /// Loads and creates the plugin.
    ///
    /// Shape:  `limit` gets room for the threads that calls do not give back; null: one without a limit.
    /// Errors: LoadException.
    InProcessInstance(const PluginConfig& config, std::shared_ptr<LibraryImage> image,
                      std::shared_ptr<PluginThreads> threads, std::shared_ptr<PluginLimit> limit = nullptr);
    ~InProcessInstance() override;

    [[nodiscard]] Offer offer() override;
    void start(const Handover* before) override;
    [[nodiscard]] std::string stopAndSave() override;
    void keepCode() override { _plugin->keepLibrary(); }
    [[nodiscard]] InstanceStatus status() const override;

    [[nodiscard]] const std::string& name() const override { return _name; }
    tenon_status enter(Target target, std::uint32_t index, const CallBackendPtr& call) override;
    [[nodiscard]] bool mayBlock() const override { return true; }
    [[nodiscard]] EntryQueue* queue() const override { return _entries.get(); }
    void subscribe(std::string uri, OrderDone done) override;
    void unsubscribe(std::string uri) override;

private:
    struct Waiting
    {
        Target target;
        std::uint32_t index;
        CallBackendPtr call;
        std::shared_ptr<void> keep; ///< this instance: a call that waits must not be lost with it
    };
    bool waits(Target target, std::uint32_t index, const CallBackendPtr& call);
    std::deque<Waiting> open();

    const std::shared_ptr<PluginThreads> _threads;
    const std::string _name;
    const std::chrono::milliseconds _grace;
    CallWatch::Subject _watched;
    const std::shared_ptr<EntryQueue> _entries;
    const std::shared_ptr<SubscriptionOrders> _orders;
    base::Gauge _inside;
    std::atomic<bool> _open{false}; ///< calls may enter

    std::mutex _gate;             // guards:
    std::deque<Waiting> _waiting; ///< calls that came before the start

    MainThread _main;
    std::shared_ptr<LoadedPlugin> _plugin; ///< constant until the end; a hung step shares it
};

} // namespace tenon::plugin

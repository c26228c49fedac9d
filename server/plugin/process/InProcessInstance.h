#pragma once

#include "plugin/call/PluginThreads.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/process/LoadedPlugin.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>

namespace tenon::plugin
{

/// A plugin in the server's own process.
///
/// Threading: as `ManagedInstance`.
class InProcessInstance final : public ManagedInstance,
                                public HostListener,
                                public std::enable_shared_from_this<InProcessInstance>
{
public:
    /// Loads and creates the plugin.
    ///
    /// Shape:  `limit` gets room for the threads that calls do not give back; null: none to tell.
    /// Errors: LoadException.
    InProcessInstance(const PluginConfig& config, std::shared_ptr<LibraryImage> image,
                      std::shared_ptr<PluginThreads> threads, std::shared_ptr<PluginLimit> limit = nullptr);

    [[nodiscard]] Offer offer() override { return _plugin.offer(); }
    void start(const Handover* before) override;
    [[nodiscard]] std::string stopAndSave() override;
    void keepCode() override { _plugin.keepLibrary(); }
    [[nodiscard]] InstanceStatus status() const override;

    [[nodiscard]] const std::string& name() const override { return _plugin.name(); }
    tenon_status enter(Target target, std::uint32_t index, const CallBackendPtr& call) override;
    [[nodiscard]] bool mayBlock() const override { return true; }
    tenon_status subscribe(std::string_view uri) override;
    void unsubscribe(std::string_view uri) override;

    void logged(tenon_log_level level, std::string_view message) override;
    void listChanged(tenon_list_kind list) override;
    void resourceUpdated(std::string_view uri) override;

private:
    struct Waiting
    {
        Target target;
        std::uint32_t index;
        CallBackendPtr call;
        std::shared_ptr<void> keep; ///< this instance: a call that waits must not be lost with it
    };
    [[nodiscard]] tenon_status run(Target target, std::uint32_t index, const CallBackendPtr& call);
    bool waits(Target target, std::uint32_t index, const CallBackendPtr& call);

    const std::shared_ptr<PluginThreads> _threads;
    const std::string _logName;
    const std::chrono::milliseconds _grace;
    CallWatch::Subject _watched;
    std::atomic<std::uint64_t> _inside{0};
    std::atomic<bool> _open{false}; ///< calls may enter

    std::mutex _gate;             // guards:
    std::deque<Waiting> _waiting; ///< calls that came before the start

    std::mutex _subscriptions; // one subscribe or unsubscribe at a time
    LoadedPlugin _plugin;      // last: what it calls while it ends must still be there
};

} // namespace tenon::plugin

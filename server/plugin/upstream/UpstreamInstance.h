#pragma once

#include "base/threads/Executor.h"
#include "plugin/call/EntryQueue.h"
#include "plugin/call/ManagedInstance.h"
#include "plugin/call/PluginThreads.h"
#include "plugin/call/SubscriptionOrders.h"
#include "plugin/catalogue/UnlistedResources.h"
#include "plugin/upstream/ParkedCalls.h"
#include "plugin/upstream/UpstreamCall.h"
#include "plugin/upstream/UpstreamConfig.h"
#include "plugin/upstream/UpstreamInterests.h"
#include "plugin/upstream/UpstreamLinks.h"
#include "plugin/upstream/UpstreamLists.h"
#include "plugin/upstream/UpstreamReach.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace tenon::plugin
{

/// A server behind this one, as a plugin: what it offers stands in the catalogue, calls go over sessions with it, which
/// are opened when they are needed.
///
/// A server that cannot be reached is tried again after pauses that grow; meanwhile calls are answered at once with why.
///
/// Threading: any thread.
class UpstreamInstance final : public ManagedInstance,
                               public UnlistedResources,
                               public std::enable_shared_from_this<UpstreamInstance>,
                               private UpstreamCall::Host,
                               private UpstreamLink::News
{
public:
    using Clock = std::chrono::steady_clock;

    UpstreamInstance(UpstreamConfig config, std::shared_ptr<PluginThreads> threads,
                     const std::shared_ptr<PluginLimit>& limit);
    ~UpstreamInstance() override;

    /// Opens a session and reads the lists, on another thread, and calls `done`. What fails is tried again by `look`.
    /// Called once, before anything else.
    void connect(std::function<void()> done);

    /// Looks after calls, sessions that nobody uses, and what is due to be tried again.
    void look(Clock::time_point now);

    [[nodiscard]] const UpstreamConfig& config() const { return _config; }
    [[nodiscard]] const std::shared_ptr<PluginLimit>& limit() const { return _limit; }
    [[nodiscard]] Offer offer() override { return _lists.offer(); }
    void start(const Handover*) override {}
    [[nodiscard]] std::string stopAndSave() override { return {}; }
    [[nodiscard]] bool restart() override;
    [[nodiscard]] InstanceStatus status() const override;
    [[nodiscard]] const std::string& name() const override { return _config.offer.name; }
    tenon_status enter(Target target, std::uint32_t index, const CallBackendPtr& call) override;
    [[nodiscard]] bool mayBlock() const override { return false; }
    [[nodiscard]] EntryQueue* queue() const override { return _entries.get(); }
    void subscribe(std::string uri, OrderDone done) override;
    void unsubscribe(std::string uri) override;
    [[nodiscard]] bool mayHaveUnlisted(Use use) const override { return _lists.mayHaveUnlisted(use); }

private:
    using LinkPtr = UpstreamLinks::LinkPtr;

    // UpstreamCall::Host
    std::string park(const std::shared_ptr<UpstreamCall>& call) override { return _parked.add(call); }
    void restart(const std::shared_ptr<UpstreamCall>& call) override;
    void answered(bool did) override;
    void ended(UpstreamCall& call) override;
    [[nodiscard]] const std::string& upstreamName() const override { return name(); }

    // UpstreamLink::News
    void listsChanged() override;
    void resourceUpdated(std::string_view uri) override;
    void linkGone(UpstreamLink& link, const std::string& why) override;

    [[nodiscard]] bool resumeParked(std::string_view token, const CallBackendPtr& call);
    void order(Target target, const CallBackendPtr& call);
    void subscribed(const std::string& uri, const CallBackendPtr& call, const client::Outcome& outcome);
    [[nodiscard]] bool letsIn(const CallBackend& call) const;
    [[nodiscard]] LinkPtr linkFor(const UpstreamCall& call);
    [[nodiscard]] std::shared_ptr<client::ClientSession> open(UpstreamLink& link);
    void run(const LinkPtr& link, const std::shared_ptr<UpstreamCall>& call);
    void openLater(const LinkPtr& link, const std::shared_ptr<UpstreamCall>& call);
    void openAndSend(const LinkPtr& link, const std::shared_ptr<UpstreamCall>& call);
    void refresh();
    void refreshWhileAsked();
    void noteFailure(const std::string& why);
    void closeLater(LinkPtr link);
    void endIdle(Clock::time_point now);
    void boundMemory(Clock::time_point now);
    void retry(Clock::time_point now);
    void probe();
    bool postSafely(std::function<void()> work);

    // Constant after construction, or synchronised by themselves.
    const UpstreamConfig _config;
    const std::shared_ptr<PluginThreads> _threads;
    const std::shared_ptr<PluginLimit> _limit;
    const std::shared_ptr<EntryQueue> _entries;
    const std::shared_ptr<SubscriptionOrders> _orders;
    UpstreamLinks _links;
    UpstreamReach _reach;
    UpstreamLists _lists;
    UpstreamInterests _interests;
    ParkedCalls _parked;
    /// Somebody reads the lists, or is about to; first `connect`. The other: once more after that.
    std::atomic<bool> _refreshing{true}, _refreshAgain{false};

    std::atomic<std::uint64_t> _killed{0};
    Clock::time_point _weighedAt; ///< of the thread that looks

    // Last: what runs on them uses all the others. Threads of its own, which idle ones have none of: a server that takes
    // long to start, or a tool that runs as a task only, holds up nobody else.
    base::Executor _work, _tasks;
};

} // namespace tenon::plugin

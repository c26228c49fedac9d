#pragma once

#include "plugin/attach/AttachPeer.h"
#include "plugin/attach/AttachSettings.h"
#include "plugin/attach/KeptOffers.h"
#include "plugin/attach/Programs.h"
#include "plugin/call/EntryQueue.h"
#include "plugin/call/KeptSubscriptions.h"
#include "plugin/call/ManagedInstance.h"
#include "plugin/call/PluginThreads.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/worker/channel/Waker.h"

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace tenon::plugin
{

/// The programs that are attached under one name, as one plugin. It outlives them: what they offered stays listed while
/// they are away, and calls wait for them for a while.
///
/// Where there are several, an argument of a tool's call says which is meant; without it, the one that was used last in the
/// call's session.
///
/// Threading: any thread.
class AttachedInstance final : public ManagedInstance, public std::enable_shared_from_this<AttachedInstance>
{
public:
    using Clock = Programs::Clock;

    AttachedInstance(PluginConfig config, AttachedName settings, std::shared_ptr<PluginThreads> threads,
                     std::shared_ptr<PluginLimit> limit, std::shared_ptr<Waker> wake);

    /// What was offered when the server ended: it is listed as that of a program that is away.
    void restore(Offer offer, Clock::time_point awaySince);

    /// A program comes. Empty if it is taken, else why not.
    [[nodiscard]] std::string join(const std::shared_ptr<AttachPeer>& peer, const ProgramHello& hello);
    void leave(AttachPeer& peer);

    /// As of `Programs`.
    [[nodiscard]] std::shared_ptr<const LeftState> leftFor(const AttachPeer& peer, const ProgramHello& who);
    [[nodiscard]] bool keep(const AttachPeer& peer, const ProgramHello& who, LeftState state);

    void offered(AttachPeer& peer, Offer offer);
    void renamed(AttachPeer& peer, std::string title);
    void taken(std::uint64_t waitedUs);

    /// Answers calls that have waited long enough, and lists no titles of programs that stay away. True once no program has
    /// been here for as long as it is kept.
    [[nodiscard]] bool look(Clock::time_point now);

    [[nodiscard]] bool isIncomplete() const; ///< whether no program is here, or one that is listed has gone
    [[nodiscard]] bool isWaitedFor() const;  ///< whether calls wait now

    /// What is to be kept for the server's next start; false if nothing has changed since the last time.
    [[nodiscard]] bool toKeep(KeptOffers::Kept& kept);

    [[nodiscard]] const std::shared_ptr<PluginLimit>& limit() const { return _limit; }
    [[nodiscard]] Offer offer() override;
    void start(const Handover*) override {}
    [[nodiscard]] std::string stopAndSave() override { return {}; }
    [[nodiscard]] InstanceStatus status() const override;
    [[nodiscard]] const std::string& name() const override { return _config.name; }
    tenon_status enter(Target target, std::uint32_t index, const CallBackendPtr& call) override;
    [[nodiscard]] bool mayBlock() const override { return false; }
    [[nodiscard]] EntryQueue* queue() const override { return _entries.get(); }
    void subscribe(std::string uri, OrderDone done) override;
    void unsubscribe(std::string uri) override;

private:
    /// A call on its way to a program.
    struct Waiting
    {
        Target target;
        std::string tool;
        std::string argument; ///< that names an instance; empty: none
        CallBackendPtr call;
        std::shared_ptr<void> keep;
        Clock::time_point until; ///< it waits for its program
    };

    void place(Waiting waiting);
    [[nodiscard]] Programs::Choice choose(const Waiting& waiting, bool& namesInstance);
    void serveWaiting();
    [[nodiscard]] bool remakeOffer();
    void tellChange();
    [[nodiscard]] std::string awayMessage() const;

    // Constant after construction, or synchronised by themselves.
    const PluginConfig _config;
    const AttachedName _settings;
    const std::string _settingsBody; ///< what a program is told of its settings
    const std::shared_ptr<PluginThreads> _threads;
    const std::shared_ptr<PluginLimit> _limit;
    const std::shared_ptr<Waker> _wake; ///< raised when there is something to look after
    const std::shared_ptr<EntryQueue> _entries;
    const std::shared_ptr<KeptSubscriptions> _subscriptions;

    mutable std::mutex _mutex; // guards all below
    Programs _programs;
    LastingNumbers _numbers;
    Offer _newest;                                             ///< of the newest program
    Offer _offer;                                              ///< the same as it is listed
    bool _changed = false;                                     ///< what is to be kept
    bool _isListed = false;                                    ///< its lists have been read: changes are told
    Clock::time_point _listedUntil = Clock::time_point::max(); ///< the title of a program that is away
    std::deque<Waiting> _waiting;                              ///< for a program that is away
    Clock::time_point _awaySince = Clock::now();
    std::uint64_t _arrivals = 0;
    ThreadWait _waited; ///< calls that threads of programs took
};

} // namespace tenon::plugin

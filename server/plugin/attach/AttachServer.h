#pragma once

#include "plugin/attach/AttachListener.h"
#include "plugin/attach/AttachPeer.h"
#include "plugin/attach/AttachSettings.h"
#include "plugin/attach/AttachedInstance.h"
#include "plugin/attach/Attachments.h"
#include "plugin/attach/KeptOffers.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace tenon::plugin
{

/// Lets programs in: who may, under which name, and how many.
///
/// Threading: a thread that accepts and looks after what waits, and one for each connection.
class AttachServer final : public Attachments, private PeerNews
{
public:
    /// Errors: LoadException.
    AttachServer(base::SettingsPtr settings, LentPlugins& lent, std::shared_ptr<PluginThreads> threads,
                 base::Budget* budget, std::size_t defaultMaxConcurrent);
    ~AttachServer() override;

private:
    static constexpr unsigned MEMORY_PARTS = 4; // of the server's memory one is for programs

    void restore();
    void run();
    void welcome(ByteStreamPtr stream, AttachPeer::Process process);
    void serve(const std::shared_ptr<AttachPeer>& peer);
    [[nodiscard]] int look();
    [[nodiscard]] int lookAfter(const std::shared_ptr<AttachedInstance>& instance);
    void keepOffers();
    [[nodiscard]] std::string whyNot(const std::string& name, const AttachPeer::Process& process) const;
    [[nodiscard]] std::shared_ptr<AttachedInstance> instanceFor(const std::string& name, bool& isNew);
    [[nodiscard]] std::shared_ptr<AttachedInstance> instanceOf(AttachPeer& peer);
    [[nodiscard]] std::shared_ptr<AttachedInstance> instanceCalled(const std::string& name);

    [[nodiscard]] std::string preparing(AttachPeer& peer, const ProgramHello& who, Preparation& given) override;
    [[nodiscard]] bool leaving(AttachPeer& peer, const ProgramHello& who, LeftState state) override;
    [[nodiscard]] std::string greeted(const std::shared_ptr<AttachPeer>& peer, const ProgramHello& hello) override;
    void offered(AttachPeer& peer, Offer offer) override;
    void renamed(AttachPeer& peer, std::string title) override;
    void resourceUpdated(std::string_view uri) override;
    void taken(AttachPeer& peer, std::uint64_t waitedUs) override;
    void ended(AttachPeer& peer) override;

    // Constant after construction, or synchronised by themselves.
    const base::SettingsPtr _all;
    const AttachSettings _settings;
    LentPlugins& _lent;
    const std::shared_ptr<PluginThreads> _threads;
    const std::unique_ptr<base::HolderBudgets>
        _memory; ///< what the programs of each user make the server hold; null: any
    const std::size_t _defaultMaxConcurrent;
    const std::size_t _maxMessageBytes;
    const KeptOffers _kept;
    const std::shared_ptr<Waker> _wake; ///< for `run`; instances outlive this
    std::atomic<bool> _stopping{false};

    std::mutex _admission; // one program comes, or one name goes, at a time

    std::mutex _mutex; // guards all below
    std::condition_variable _changed;
    std::set<std::shared_ptr<AttachPeer>> _peers;
    std::map<AttachPeer*, std::shared_ptr<AttachedInstance>> _homes; ///< of those that were let in
    std::map<std::string, std::shared_ptr<AttachedInstance>> _instances;

    AttachListener _listener;
    AttachedInstance::Clock::time_point _lastKept{}; ///< of `run`
    std::thread _thread;                             ///< last: begins when all else is there
};

} // namespace tenon::plugin

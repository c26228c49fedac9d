#pragma once

#include "plugin/process/LoadedPlugin.h"
#include "plugin/worker/channel/Arrivals.h"
#include "plugin/worker/channel/FrameChannel.h"
#include "plugin/worker/channel/FrameSplitter.h"
#include "plugin/worker/child/MainQueue.h"
#include "plugin/worker/child/RemoteCall.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::plugin
{

/// A worker process: one plugin, threads that take frames from the server and run its calls.
///
/// All of them wait for the channel; the system wakes one for what arrives, which runs the call it received itself: a
/// fast call costs no hand-over. When calls block, further threads join, so that one always listens; beyond the limit
/// calls wait in the queue and the listening thread only listens. What the ABI calls [main-thread] is done on the
/// process's first thread, which never listens: whatever the plugin does not return from, the server is heard.
///
/// Threading: `run` on the process's first thread. It ends by `leaveWorker`: other threads may be inside the plugin.
class WorkerMain final : public HostListener
{
public:
    /// Ownership: takes the descriptor over.
    WorkerMain(std::string name, int channel);

    [[noreturn]] void run();

    void logged(tenon_log_level level, std::string_view message) override;
    void listChanged(tenon_list_kind list) override;
    void resourceUpdated(std::string_view uri) override;
    void lacking(std::string_view what) override;

private:
    using CallPtr = std::shared_ptr<RemoteCall>;

    void load(const Frame& init);
    [[noreturn]] void serve();
    void listen();
    [[nodiscard]] bool startListening();
    void takeFrames();
    [[nodiscard]] bool receive();
    void handle(const Frame& frame);
    [[nodiscard]] bool runNext();
    [[nodiscard]] CallPtr takeNext();
    void runCall(const CallPtr& call);
    void start(const std::string& handover);
    void sendOffer();
    [[noreturn]] void stop();

    const std::string _name;
    FrameChannel _channel;
    RemoteCalls _calls;
    std::mutex _receiving; // never waited for: arrivals let one thread in at a time; guards:
    FrameSplitter _splitter;
    std::unique_ptr<Arrivals> _arrivals;
    std::size_t _maxRunning = 1;
    std::unique_ptr<LoadedPlugin> _plugin;
    MainQueue _main;

    std::mutex _mutex; // guards all below
    std::deque<CallPtr> _queue;
    std::size_t _running = 0; ///< threads in the plugin
    std::size_t _listening = 0;
    bool _helpCalled = false;
};

} // namespace tenon::plugin

#pragma once

#include "Connection.h"
#include "Home.h"
#include "Runner.h"
#include "system/System.h"

#include "plugin/worker/channel/Arrivals.h"
#include "plugin/worker/channel/FrameSplitter.h"

#include <tenon/attach.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::attach
{

/// The program's way to the server: connects, again and again, hands calls to their threads, and news to the server.
///
/// Threading: any thread; reading is done by one at a time of the runner's.
class Link final : public HomeListener, private WorkSource
{
public:
    struct Options
    {
        std::string name, title, socket;
        std::size_t threads;
        bool mainThreadOnly;
        void(TENON_ABI* log)(void*, tenon_log_level, tenon_text);
        void* userData;
    };

    /// Errors: std::exception.
    Link(const tenon_plugin_entry& entry, Options options);
    ~Link() override;

    /// Makes and starts the plugin, and begins to connect.
    [[nodiscard]] tenon_status open();
    void close();

    [[nodiscard]] int poll(int timeoutMs) { return _runner.poll(timeoutMs); }
    [[nodiscard]] bool isInsideCall() const { return _runner.isInside(); } ///< this thread
    [[nodiscard]] std::intptr_t descriptor() const { return _runner.descriptor(); }
    [[nodiscard]] tenon_attach_state state(std::string* reason = nullptr) const;
    tenon_attach_state wait(std::chrono::milliseconds timeout);
    void setTitle(std::string title);

    void logged(tenon_log_level level, std::string_view message) override;
    void listChanged() override;
    void resourceUpdated(std::string_view uri) override;

private:
    using Clock = std::chrono::steady_clock;
    static constexpr Clock::time_point NEVER = Clock::time_point::max();

    [[nodiscard]] Waited wait(int timeoutMs) override;
    void wake() override { _arrivals.callHelp(); }
    [[nodiscard]] int untilTry(int timeoutMs) const;
    void callReader();
    [[nodiscard]] bool read();
    void connect();
    void tryLater(std::chrono::milliseconds pause);
    void leaveServer();
    void receive();
    void handle(const plugin::Frame& frame);
    void sendHello(Connection& connection);
    [[nodiscard]] std::string whoItIs() const;
    void take(const plugin::Frame& frame);
    void send(plugin::FrameType type, std::string_view body);
    void welcomed();
    void tellTitle();
    void tellOffer();
    void setState(tenon_attach_state state, std::string reason);
    [[nodiscard]] std::shared_ptr<Connection> connection() const;

    // Constant after construction, or synchronised by themselves.
    const Options _options;
    const std::uint64_t _key; ///< tells this attachment from others of its name, on whatever connection
    Home _home;
    Runner _runner;
    plugin::Arrivals _arrivals;
    std::atomic<bool> _readerCalled{false}; ///< the link is being closed, or something waits to be sent
    std::atomic<bool> _closing{false}, _offerStale{false};
    std::atomic<bool> _everAttached{false};
    std::atomic<Clock::time_point> _nextTry{}; ///< to connect; NEVER: it is connected
    std::mutex _telling; ///< held while a title or an offer is sent: the last one sent is the last one set

    // Of the thread that takes frames.
    std::unique_ptr<plugin::FrameSplitter> _splitter; ///< of the connection; null: there is none
    std::chrono::milliseconds _pause;

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _changed;
    std::shared_ptr<Connection> _connection;
    std::string _title;
    std::string _offer;                       ///< the body of READY
    std::string _greetedTitle, _greetedOffer; ///< what the server of the connection was told in HELLO
    tenon_attach_state _state = TENON_ATTACH_CONNECTING;
    std::string _reason = "it has not tried to connect yet";
};

} // namespace tenon::attach

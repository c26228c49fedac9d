#pragma once

#include "base/limits/HolderBudgets.h"
#include "plugin/attach/NumberedOffer.h"
#include "plugin/attach/ProgramHello.h"
#include "plugin/call/ManagedInstance.h"
#include "plugin/worker/WorkerCalls.h"
#include "plugin/worker/channel/FrameChannel.h"
#include "plugin/worker/channel/FrameSplitter.h"
#include "plugin/worker/channel/Waker.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::plugin
{

class AttachPeer;

/// Receives news of a connection.
///
/// Threading: the connection's thread; one connection at a time is not promised.
class PeerNews
{
public:
    virtual ~PeerNews() = default;

    /// What a program that is about to start is to know.
    struct Preparation
    {
        std::string settings; ///< as `settingsBody` has them
        std::shared_ptr<const LeftState> state;
    };

    /// A program asks, on a connection of its own, before it wants in. Empty, or why it is told nothing.
    [[nodiscard]] virtual std::string preparing(AttachPeer& peer, const ProgramHello& who, Preparation& given) = 0;

    /// A program has left, and leaves its state to its successor. Whether it is kept.
    [[nodiscard]] virtual bool leaving(AttachPeer& peer, const ProgramHello& who, LeftState state) = 0;

    /// The program wants in. Empty if it is let in, else why not, in words for its author.
    [[nodiscard]] virtual std::string greeted(const std::shared_ptr<AttachPeer>& peer, const ProgramHello& hello) = 0;
    virtual void offered(AttachPeer& peer, Offer offer) = 0;
    virtual void renamed(AttachPeer& peer, std::string title) = 0;
    virtual void resourceUpdated(std::string_view uri) = 0;

    /// A thread of the program took a call that had waited for it.
    virtual void taken(AttachPeer& peer, std::uint64_t waitedUs) = 0;
    virtual void ended(AttachPeer& peer) = 0;
};

/// One connection of a program, from its acceptance to its end. The program is not trusted: what it sends is bounded,
/// parsed again, and read no faster than it may speak.
///
/// Threading: `run` on a thread of its own, the rest on any.
class AttachPeer : public std::enable_shared_from_this<AttachPeer>
{
public:
    struct Process
    {
        std::int64_t id = 0; ///< as the system says
        std::string user;    ///< its number; on Windows the text of its SID
    };

    /// Shape:     `held` counts what the program makes the server hold; a message that is larger than `maxMessageBytes` is
    ///            dropped, and costs its call alone.
    /// Ownership: borrows `news`.
    AttachPeer(ByteStreamPtr stream, Process process, PeerNews& news, base::HolderShare held,
               std::size_t maxMessageBytes);
    AttachPeer(const AttachPeer&) = delete;
    AttachPeer& operator=(const AttachPeer&) = delete;

    /// Until the program has gone, or is sent away.
    void run();

    /// Tells the program that it is let in; due before its first call.
    ///
    /// Shape: `settings` as `settingsBody` has them.
    void welcome(std::string_view settings);

    /// Lets `run` return soon.
    void leave();

    /// Whether the program has closed its end, even if `run` has not come to that yet.
    [[nodiscard]] bool hasEnded() const { return _channel.peerHasGone(); }

    /// Whether the process that connected is no more.
    [[nodiscard]] bool processHasEnded() const;

    enum class Entry
    {
        INSIDE,
        GONE,   ///< nothing is done: the program has closed its end
        UNKNOWN ///< nothing is done: it has no such tool or prompt
    };

    /// Hands a call over.
    ///
    /// Shape:     `tool` is the name of the tool or prompt; `arguments` replaces those of the call, null: nothing does.
    /// Ownership: keeps `call` and `keep` until the call has ended.
    [[nodiscard]] Entry enter(Target target, const std::string& tool, const CallBackendPtr& call,
                              std::shared_ptr<void> keep, const std::string* arguments);

    [[nodiscard]] const Process& process() const { return _process; }
    [[nodiscard]] std::size_t callsInside() const { return _calls ? _calls->size() : 0; }

    /// How long calls wait for a thread of the program that polls; those that were taken are told as news.
    [[nodiscard]] ThreadWait threadWait() const;

private:
    using Clock = std::chrono::steady_clock;

    void waitForNews(Clock::time_point begin);
    [[nodiscard]] bool receive();
    void handle(const Frame& frame);
    void begin(const Frame& frame);
    void greet(FieldReader& in, ProgramHello& hello);
    void prepare(const ProgramHello& hello);
    void keepState(FieldReader& in, const ProgramHello& hello);
    void refuse(const std::string& reason);
    void deny(const std::string& reason);
    void say(tenon_log_level level, std::string_view message);
    void look(Clock::time_point now);
    void count();
    void end(const std::string& why);

    const Process _process;
    PeerNews& _news;
    FrameChannel _channel;
    Waker _wake; ///< for `run`: it has to leave, to send what was kept, or to look after a call
    std::atomic<bool> _leaving{false};
    std::atomic<bool> _asleep{false}; ///< `run` waits without end

    // Of the connection's thread alone.
    FrameSplitter _splitter;
    const std::size_t _mostHeld; ///< bytes of what it began to send
    base::HolderShare _held;
    std::string _name;          ///< empty until it was let in
    std::uint64_t _version = 1; ///< of the connection
    bool _open = true;
    bool _asked = false; ///< it has asked something before it wanted in
    Clock::time_point _lastBusy = Clock::now();
    Clock::time_point _second{};
    std::size_t _newsOfSecond = 0;

    std::unique_ptr<WorkerCalls> _calls; ///< constant once it was let in

    mutable std::mutex _mutex; // guards all below
    bool _gone = true;
    bool _allOnMainThread = false; ///< every call waits for a thread that polls
    ProgramNumbers _numbers;
    struct Untaken
    {
        Clock::time_point since;
        CallBackendPtr call;
    };
    std::map<std::uint64_t, Untaken> _untaken; ///< calls that wait for a thread of the program that polls
};

} // namespace tenon::plugin

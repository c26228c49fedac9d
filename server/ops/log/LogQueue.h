#pragma once

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace tenon::ops
{

/// The log's own thread, and the queue before it: who logs never waits for a disk, a pipe or another machine, and nothing
/// that they do wrong reaches it.
///
/// What does not fit into the queue is dropped, what cannot be written is lost; both are counted, and said as soon as the
/// target takes lines again.
///
/// Threading: any thread; construct after the process has gone to the background.
class LogQueue
{
public:
    struct Limits
    {
        std::size_t lines = 10'000;
        std::size_t bytes = 8 * 1024 * 1024;
    };

    LogQueue();
    explicit LogQueue(Limits limits);
    /// Writes what is there, a moment at most.
    ~LogQueue();
    LogQueue(const LogQueue&) = delete;
    LogQueue& operator=(const LogQueue&) = delete;

    /// A channel that hands messages to `target` on the queue's thread. It may outlive the queue; it then drops them.
    [[nodiscard]] Poco::AutoPtr<Poco::Channel> channelTo(const Poco::AutoPtr<Poco::Channel>& target);

    /// Closes all targets; they open again with the next line, which may be one that waits already: after a rotation
    /// from outside.
    void reopen();

    /// Waits until everything handed in so far is written or lost. False if it takes longer.
    bool flush(std::chrono::milliseconds patience);

    /// `flush`, and ends the thread. A thread that hangs in a target is left behind.
    void finish(std::chrono::milliseconds patience);

    /// Lines that nobody will read.
    [[nodiscard]] std::uint64_t dropped() const;

private:
    class State;
    class Front;
    const std::shared_ptr<State> _state;
};

} // namespace tenon::ops

#pragma once

#include "plugin/worker/channel/ByteStream.h"

#include <memory>

namespace tenon::plugin
{

/// What threads wait for that read one stream in turns and do what they read: frames from the peer, or a call for help of a
/// thread that has more than it can do. The system wakes one of them for what arrives, so none has to wake another.
///
/// Threading: any thread; what says so on the one that takes frames.
class Arrivals
{
public:
    enum class News
    {
        NOTHING, ///< until the time was up
        FRAMES,  ///< told to one thread, and to no other until `taken` tells it that there is nothing more
        HELP     ///< told to one thread for each `callHelp`
    };

    /// Errors: std::system_error.
    Arrivals();
    ~Arrivals();
    Arrivals(const Arrivals&) = delete;
    Arrivals& operator=(const Arrivals&) = delete;

    /// Tells of `stream` from now on. By the thread that takes frames, or before others wait.
    ///
    /// Ownership: borrows it until `unwatch`.
    /// Errors:    std::system_error.
    void watch(ByteStream& stream);
    void unwatch();

    /// Whether to tell as well when something can be sent. By the thread that takes frames.
    void watchRoom(bool wanted);

    /// For how long: -1: without end.
    [[nodiscard]] News wait(int timeoutMs);

    /// The thread that was told of frames has received what there was. False if more has come meanwhile, which it has to
    /// receive too.
    [[nodiscard]] bool taken();

    /// Whether the calling thread may take frames now, as if it had been told of some. If another one does, that one is told
    /// that there are more.
    [[nodiscard]] bool demand();

    /// Whether the peer has closed its end: what is left has to be received up to the end, which is told once only.
    /// By the thread that takes frames.
    [[nodiscard]] bool hasEnded() const;

    void callHelp();

private:
    struct System; // what the system waits with
    const std::unique_ptr<System> _system;
};

} // namespace tenon::plugin

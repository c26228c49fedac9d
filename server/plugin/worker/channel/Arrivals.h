#pragma once

#include <memory>

namespace tenon::plugin
{

/// What the threads of a worker wait for: frames from the server, or a call for help of a thread that has more than it
/// can do.
///
/// Threading: any thread.
class Arrivals
{
public:
    enum class News
    {
        NOTHING, ///< until the time was up
        FRAMES,  ///< told to one thread, and to no other until `taken` tells it that there is nothing more
        HELP     ///< told to one thread for each `callHelp`
    };

    /// Ownership: borrows the channel's `descriptor`.
    /// Errors:    Poco::SystemException.
    explicit Arrivals(int descriptor);
    ~Arrivals();
    Arrivals(const Arrivals&) = delete;
    Arrivals& operator=(const Arrivals&) = delete;

    [[nodiscard]] News wait(int timeoutMs);

    /// The thread that was told of frames has received what there was. False if more has come meanwhile, which it has to
    /// receive too.
    [[nodiscard]] bool taken();
    void callHelp();

private:
    struct System; // what the system waits with
    const std::unique_ptr<System> _system;
};

} // namespace tenon::plugin

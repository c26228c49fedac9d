#pragma once

#include "client/protocol/Reply.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

namespace tenon::app
{

/// While it lives, Ctrl-C takes back a request instead of ending the program; a second one ends it.
///
/// Threading: made before other threads are, so that they inherit that the signal is blocked.
class Interrupts
{
public:
    Interrupts();
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    /// What the next Ctrl-C takes back.
    void watch(std::shared_ptr<client::Cancellation> cancellation);

private:
    void run();

    std::mutex _mutex; // guards all below
    std::shared_ptr<client::Cancellation> _cancellation;
    std::atomic<bool> _ended{false};
    std::thread _thread;
};

} // namespace tenon::app

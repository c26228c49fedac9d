#pragma once

#include "plugin/call/CallBackend.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// The calls that a worker has, by id.
///
/// Threading: any thread.
class InFlightCalls
{
public:
    using Clock = std::chrono::steady_clock;

    /// What is to be done about calls that should have ended.
    struct Overdue
    {
        std::vector<std::uint64_t> cancelled; ///< the worker must be told now
        bool hopeless = false;                ///< one has not ended in time
    };

    /// Ownership: keeps `call` and `keep` until the call is taken out.
    [[nodiscard]] std::uint64_t add(CallBackendPtr call, std::shared_ptr<void> keep);

    /// Null for ids that are over.
    [[nodiscard]] CallBackendPtr find(std::uint64_t id) const;
    [[nodiscard]] CallBackendPtr take(std::uint64_t id, std::shared_ptr<void>& keep);
    [[nodiscard]] std::vector<CallBackendPtr> takeAll(std::vector<std::shared_ptr<void>>& kept);

    [[nodiscard]] std::size_t size() const;

    /// Looks for calls whose deadline has passed or that were cancelled; those have `grace` to end.
    [[nodiscard]] Overdue overdue(Clock::time_point now, std::chrono::milliseconds grace);

private:
    struct Slot
    {
        std::uint32_t generation = 0;
        bool cancelTold = false;
        CallBackendPtr call;
        std::shared_ptr<void> keep;
        Clock::time_point begin;
        Clock::time_point cancelAt;
    };
    [[nodiscard]] Slot* slotOf(std::uint64_t id);

    mutable std::mutex _mutex; // guards all below
    std::vector<Slot> _slots;
    std::vector<std::uint32_t> _free;
    std::size_t _used = 0;
};

} // namespace tenon::plugin

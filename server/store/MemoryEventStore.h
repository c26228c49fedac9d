#pragma once

#include "base/limits/Budget.h"
#include "store/EventStore.h"

#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace tenon::store
{

/// Events in memory, bounded by stream, and altogether by a part of the server's budget.
///
/// When that part is full, streams that have ended go, those first that ended first: they can no longer be resumed then.
/// If it is full of others, what is to be added is not kept.
///
/// Threading: any thread.
/// Ownership: borrows the budget.
class MemoryEventStore : public EventStore
{
public:
    /// Shape: limits of one stream; its final event stays whatever it measures, as long as the stream does. Without a
    ///        budget nothing limits all streams together.
    explicit MemoryEventStore(std::size_t maxEvents = 256, std::size_t maxBytes = 1024 * 1024,
                              base::Budget* budget = nullptr);

    std::uint64_t append(const std::string& stream, std::shared_ptr<const std::string> message, bool final) override;
    [[nodiscard]] std::vector<Event> after(const std::string& stream, std::uint64_t index) const override;
    void drop(const std::string& stream) override;
    [[nodiscard]] std::size_t bytes() const override;
    [[nodiscard]] std::uint64_t dropped() const override;

private:
    /// The events of one stream. There are as many logs as streams, and most have one event: a vector, which takes what
    /// it holds, where an empty std::deque takes 600 bytes.
    struct Log
    {
        std::vector<Event> events;
        std::size_t dropped = 0; ///< events at the front that are no longer kept
        std::uint64_t next = 0;
        std::size_t bytes = 0;
        std::uint64_t ended = 0; ///< place among those that have; 0: it goes on

        void dropFront();
    };
    using Logs = std::unordered_map<std::string, Log>;

    void dropFrontOf(Log& log);
    void erase(Logs::iterator log);
    void makeRoom(Log& added);

    const std::size_t _maxEvents;
    const std::size_t _maxBytes;
    base::Budget _part; ///< of the server's

    mutable std::mutex _mutex; // guards all below
    Logs _logs;
    std::map<std::uint64_t, std::string> _ended; ///< streams that have, in that order
    std::uint64_t _lastEnded = 0;
    std::size_t _bytes = 0;
    std::size_t _events = 0;
    std::uint64_t _dropped = 0;
    base::BudgetShare _share{_part};
};

} // namespace tenon::store

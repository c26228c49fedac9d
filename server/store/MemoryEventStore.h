#pragma once

#include "store/EventStore.h"

#include <mutex>
#include <unordered_map>
#include <vector>

namespace tenon::store
{

/// Events in memory, bounded by stream. Threading: any thread.
class MemoryEventStore : public EventStore
{
public:
    /// Shape: limits of one stream; its final event stays whatever it measures.
    explicit MemoryEventStore(std::size_t maxEvents = 256, std::size_t maxBytes = 1024 * 1024);

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

        void dropFront();
    };

    const std::size_t _maxEvents;
    const std::size_t _maxBytes;

    mutable std::mutex _mutex; // guards all below
    std::unordered_map<std::string, Log> _logs;
    std::size_t _bytes = 0;
    std::uint64_t _dropped = 0;
};

} // namespace tenon::store

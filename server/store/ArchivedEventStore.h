#pragma once

#include "store/Archive.h"
#include "store/EventStore.h"

#include <mutex>
#include <unordered_map>

namespace tenon::store
{

/// Events at hand, in another store, and behind it in an archive, where other instances find them.
///
/// Threading: any thread.
/// Ownership: borrows both.
class ArchivedEventStore : public EventStore
{
public:
    /// Shape: `ttlMs` is how long a stream is kept from its last event on.
    ArchivedEventStore(EventStore& atHand, Archive& archive, std::int64_t ttlMs)
        : _atHand(atHand), _archive(archive), _ttlMs(ttlMs)
    {
    }

    void begin(const std::string& stream, const std::string& answers) override;
    std::uint64_t append(const std::string& stream, std::shared_ptr<const std::string> message, bool final) override;
    [[nodiscard]] std::vector<Event> after(const std::string& stream, std::uint64_t index) const override;
    void drop(const std::string& stream) override;
    void leave(const std::string& stream) override;
    [[nodiscard]] std::size_t bytes() const override { return _atHand.bytes(); }
    [[nodiscard]] std::uint64_t dropped() const override { return _atHand.dropped(); }

private:
    struct Begun
    {
        std::string answers;
        bool kept = false; ///< it has an event
    };
    [[nodiscard]] bool forget(const std::string& stream);

    EventStore& _atHand;
    Archive& _archive;
    const std::int64_t _ttlMs;

    mutable std::mutex _mutex; // guards all below; held while an event is numbered and queued, so that order is kept
    std::unordered_map<std::string, Begun> _streams;
};

} // namespace tenon::store

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::store
{

/// One message that was sent on a stream.
struct Event
{
    std::uint64_t index = 0;                    ///< from 0, without gaps
    std::shared_ptr<const std::string> message; ///< JSON text; empty for a priming event
    bool final = false;                         ///< the answer that ends the stream
};

/// Keeps what was sent on streams, so that a client that lost its connection can have the rest.
///
/// Threading: any thread.
/// Spec:      2025-11-25, Transports, Resumability and Redelivery.
class EventStore
{
public:
    virtual ~EventStore() = default;

    /// Says what a stream is for, before its first event.
    ///
    /// Shape: `answers` is JSON text of the id of the request that it answers; empty: it answers none.
    virtual void begin(const std::string& stream, const std::string& answers) { (void)stream, (void)answers; }

    /// Adds an event; the oldest ones go when the stream's limit is reached, but never the final one.
    ///
    /// Shape: returns the event's index. A stream begins with its first event.
    virtual std::uint64_t append(const std::string& stream, std::shared_ptr<const std::string> message, bool final) = 0;

    /// The events of `stream` that follow `index`.
    ///
    /// Errors: Poco::NotFoundException if the stream is unknown or any later event was dropped.
    [[nodiscard]] virtual std::vector<Event> after(const std::string& stream, std::uint64_t index) const = 0;

    /// Forgets a stream.
    virtual void drop(const std::string& stream) = 0;

    /// Forgets what is held here of a stream whose client may come back to it elsewhere.
    virtual void leave(const std::string& stream) { drop(stream); }

    // For metrics.
    [[nodiscard]] virtual std::size_t bytes() const = 0;              ///< held now
    [[nodiscard]] virtual std::uint64_t dropped() const { return 0; } ///< events that went because of a stream's limit
};

} // namespace tenon::store

#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tenon::client
{

/// One event of an event stream.
struct SseEvent
{
    std::string event; ///< empty: "message"
    std::string data;
};

/// Parses an event stream, however it was cut into pieces.
///
/// Errors:    none; what is no field is skipped, as the standard says.
/// Threading: one thread.
/// Spec:      WHATWG HTML, 9.2 Server-sent events.
class SseReader
{
public:
    using Sink = std::function<void(const SseEvent&)>;

    /// Reads `bytes`, and hands over each event that they complete, those without data left out.
    void feed(std::string_view bytes, const Sink& sink);

    /// The id of the last event, data or not; empty: none had one.
    [[nodiscard]] const std::string& lastEventId() const { return _lastEventId; }

    /// Forgets a half event: the connection it came over is gone. Id and pause stay.
    void restart();

    /// The pause before a reconnection that the server asked for; -1: it did not.
    [[nodiscard]] int retryMs() const { return _retryMs; }

    /// Bytes held of the event that is not complete.
    [[nodiscard]] std::size_t pendingBytes() const { return _line.size() + _event.data.size(); }

private:
    void takeLine(const Sink& sink);
    void takeField(std::string_view field, std::string_view value);

    std::string _line;
    bool _afterCarriageReturn = false;
    SseEvent _event;
    bool _hasData = false;
    std::string _lastEventId;
    int _retryMs = -1;
};

} // namespace tenon::client

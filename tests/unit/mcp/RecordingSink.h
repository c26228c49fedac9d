#pragma once

#include "mcp/messages/ResponseSink.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::tests
{

/// A transport's end that keeps what it is given, for tests to look at. It behaves as the contract says: after the end, or
/// after `disconnect`, everything is dropped.
///
/// Threading: any thread.
class RecordingSink : public mcp::ResponseSink
{
public:
    struct Event
    {
        std::string id, text;
    };

    explicit RecordingSink(bool canStream = true) : _canStream(canStream) {}

    // What a test asks. `wait…` give up after ten seconds.
    [[nodiscard]] bool finished() const;      ///< it got its answer
    [[nodiscard]] bool ended() const;         ///< it got its answer, or was closed without
    [[nodiscard]] std::string answer() const; ///< the body, empty if there is none
    [[nodiscard]] jsonrpc::ErrorKind error() const;
    [[nodiscard]] bool modern() const;
    [[nodiscard]] std::string sessionId() const;
    [[nodiscard]] std::string finalEventId() const;
    [[nodiscard]] std::vector<Event> events() const; ///< what was sent before the answer
    [[nodiscard]] bool opened() const;               ///< it is a stream
    [[nodiscard]] std::string primingId() const;
    [[nodiscard]] std::uint32_t retryMs() const;
    [[nodiscard]] std::size_t answers() const; ///< how often it was finished: more than once is a defect
    bool waitForEnd() const;
    bool waitForEvents(std::size_t count) const;

    /// The peer goes.
    void disconnect();

    // mcp::ResponseSink
    [[nodiscard]] bool streams() const override { return _canStream; }
    void openStream(std::string_view primingId, std::uint32_t retryMs) override;
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override
    {
        return send(std::string_view(*message), eventId);
    }
    void denied(base::Access access, std::string_view, bool) override { _denied = access; }
    [[nodiscard]] base::Access deniedAccess() const { return _denied; }
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

private:
    [[nodiscard]] bool over() const { return _finished || _closed || _gone; }

    const bool _canStream;
    base::Access _denied = base::Access::STATS; ///< set before the answer; STATS: nothing was

    mutable std::mutex _mutex; // guards all below
    mutable std::condition_variable _changed;
    std::weak_ptr<mcp::DisconnectListener> _listener;
    std::vector<Event> _events;
    std::string _answer, _sessionId, _finalEventId, _primingId;
    std::uint32_t _retryMs = 0;
    jsonrpc::ErrorKind _error = jsonrpc::ErrorKind::NONE;
    std::size_t _answers = 0;
    bool _opened = false, _finished = false, _closed = false, _gone = false, _modern = false;
};

using RecordingSinkPtr = std::shared_ptr<RecordingSink>;

} // namespace tenon::tests

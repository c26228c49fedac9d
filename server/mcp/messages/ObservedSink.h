#pragma once

#include "mcp/messages/Operation.h"
#include "mcp/messages/ResponseSink.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// The sink of an observed request: passes everything on, and notifies its listener once the request has ended.
///
/// Threading: any thread; `operation` by who handles the message, before the method runs.
/// Ownership: shares the sink; borrows the listener, which outlives it.
class ObservedSink final : public ResponseSink
{
public:
    /// Shape: `beganUs` is when the request was read, base::steadyUs.
    ObservedSink(ResponseSinkPtr sink, OperationListener& listener, std::int64_t beganUs)
        : _sink(std::move(sink)), _listener(listener), _beganUs(beganUs)
    {
    }
    /// Nobody can answer any more.
    ~ObservedSink() override { tell(); }
    ObservedSink(const ObservedSink&) = delete;
    ObservedSink& operator=(const ObservedSink&) = delete;

    [[nodiscard]] Operation& operation() { return _operation; }
    [[nodiscard]] const ResponseSinkPtr& behind() const { return _sink; }

    /// The message will come again; this time nothing is told.
    void forget() { _told = true; }

    // ResponseSink
    [[nodiscard]] bool streams() const override { return _sink->streams(); }
    void openStream(std::string_view primingId, std::uint32_t retryMs) override
    {
        _sink->openStream(primingId, retryMs);
    }
    bool send(std::string_view message, std::string_view eventId) override { return _sink->send(message, eventId); }
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override
    {
        return _sink->send(message, eventId);
    }
    [[nodiscard]] bool logs() const override { return _sink->logs(); }
    void asked(std::string_view method, std::string_view name, std::string_view sessionId) override
    {
        _sink->asked(method, name, sessionId);
    }
    void denied(base::Access access, std::string_view name, bool readOnly) override
    {
        _sink->denied(access, name, readOnly);
    }
    void ran(const PluginRun& run) override;
    void finish(const Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override { return _sink->closed(); }
    void onDisconnect(std::weak_ptr<DisconnectListener> listener) override { _sink->onDisconnect(std::move(listener)); }

private:
    void tell() noexcept;

    const ResponseSinkPtr _sink;
    OperationListener& _listener;
    const std::int64_t _beganUs;
    Operation _operation; ///< written by one thread at a time, by who handles, runs, answers
    bool _failed = false; ///< the plugin
    std::atomic<bool> _told{false};
};

} // namespace tenon::mcp

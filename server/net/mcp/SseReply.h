#pragma once

#include "base/metrics/Metrics.h"
#include "mcp/messages/ResponseSink.h"
#include "net/connection/Exchange.h"
#include "net/mcp/SseProfile.h"
#include "net/mcp/SseStream.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::net
{

/// Takes the answer to one message of a HTTP+SSE session to its stream, in the form of a profile.
///
/// Threading: any thread.
/// Ownership: borrows `durations`, where the time to the answer goes.
class SseReply final : public mcp::ResponseSink
{
public:
    /// Shape: `method` and `tool` (of tools/call) are told in wrapped messages; `poster` is the POST that brought the
    ///        message, which logs what it asks.
    SseReply(SseStreamPtr stream, const SseProfile& profile, std::string method, std::string tool, ExchangePtr poster,
             base::Histogram& durations);

    /// From now on everything goes to the stream. Before, an answer that says the message was none is kept for the
    /// POST: it is given back, else empty.
    [[nodiscard]] std::string settle();

    [[nodiscard]] bool logs() const override;
    void asked(std::string_view method, std::string_view name, std::string_view sessionId) override;
    [[nodiscard]] bool streams() const override { return true; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t) override;
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

private:
    bool tell(std::string_view event, std::string_view method, std::string_view message) const;
    bool reject(std::string_view text);
    void tellAnswer(const mcp::Answer& answer);
    void note(const mcp::Answer& answer);

    const SseStreamPtr _stream;
    const SseProfile& _profile;
    const std::string _method;
    const std::string _tool;
    base::Histogram& _durations;
    const std::chrono::steady_clock::time_point _began = std::chrono::steady_clock::now();

    mutable std::mutex _order; // nothing of a request follows its answer: guards `_done`, held while sending
    bool _done = false;

    mutable std::mutex _mutex; // guards all below
    ExchangePtr _poster;       ///< until settled
    bool _settled = false;
    std::string _rejection;
};

} // namespace tenon::net

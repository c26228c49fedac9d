#pragma once

#include "base/metrics/Metrics.h"
#include "mcp/messages/ResponseSink.h"
#include "net/stdio/LineWriter.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::net
{

/// The answer to one line of the stdio transport. Nothing of a request follows its answer: whoever sends does so under
/// the lock under which the answer is given.
///
/// Threading: any thread.
class LineReply final : public mcp::ResponseSink
{
public:
    /// Ownership: borrows `durations`, where the time to the answer goes.
    LineReply(std::shared_ptr<LineWriter> writer, base::Histogram& durations)
        : _writer(std::move(writer)), _durations(durations), _began(std::chrono::steady_clock::now())
    {
        _writer->expect();
    }
    ~LineReply() override { settle(); }

    [[nodiscard]] bool streams() const override { return true; }
    void openStream(std::string_view primingId, std::uint32_t retryMs) override;
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

private:
    void settle();

    const std::shared_ptr<LineWriter> _writer;
    base::Histogram& _durations;
    const std::chrono::steady_clock::time_point _began;

    // Guards all below. A line that is one too many ends the session, and those who are told so, on this thread, may
    // ask this reply.
    mutable std::recursive_mutex _mutex;
    bool _done = false;
    bool _awaited = true; ///< at the end of the input
};

} // namespace tenon::net

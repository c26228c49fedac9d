#pragma once

#include "mcp/messages/ResponseSink.h"
#include "net/stdio/LineWriter.h"

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
    explicit LineReply(std::shared_ptr<LineWriter> writer) : _writer(std::move(writer)) { _writer->expect(); }
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

    // Guards all below. A line that is one too many ends the session, and those who are told so, on this thread, may
    // ask this reply.
    mutable std::recursive_mutex _mutex;
    bool _done = false;
    bool _awaited = true; ///< at the end of the input
};

} // namespace tenon::net

#pragma once

#include "mcp/messages/DisconnectListeners.h"
#include "net/stdio/ProtocolDescriptors.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace tenon::net
{

/// Writes lines to the output of the stdio transport, each whole, from a thread of its own. It is also the sink of the
/// session: messages that answer nothing.
///
/// Threading: any thread.
class LineWriter final : public mcp::ResponseSink
{
public:
    /// A client that lets more than this wait is taken for gone.
    static constexpr std::size_t MAX_WAITING_BYTES = 64 * 1024 * 1024;

    /// A writer whose thread runs. `end` has to be called.
    [[nodiscard]] static std::shared_ptr<LineWriter> start(std::shared_ptr<ProtocolDescriptors> descriptors);

    explicit LineWriter(std::shared_ptr<ProtocolDescriptors> descriptors);

    /// Shape: `text` without its line break; breaks inside, white space in JSON, become spaces.
    bool write(std::string text);

    /// Requests that are not answered yet; `run` waits for them at the end.
    void expect();
    void answered();
    bool awaitAnswers(std::chrono::milliseconds patience);

    /// The client has gone; listeners are told.
    void lose();

    /// Writes what waits and ends the thread, for `patience` at most. A thread that is stuck with a client that does
    /// not read is left behind; it keeps what it uses alive.
    void end(std::chrono::milliseconds patience);

    // mcp::ResponseSink
    [[nodiscard]] bool streams() const override { return true; }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const mcp::Answer& answer) override;
    void close(std::uint32_t) override {}
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<mcp::DisconnectListener> listener) override;

private:
    void run();

    const std::shared_ptr<ProtocolDescriptors> _descriptors;

    mcp::DisconnectListeners _listeners;
    mutable std::mutex _mutex; // guards all below
    std::condition_variable _changed;
    std::deque<std::string> _lines;
    std::size_t _bytes = 0;
    std::size_t _expected = 0;
    bool _ending = false;
    bool _ended = false;
    bool _lost = false;
    std::thread _thread;
};

} // namespace tenon::net

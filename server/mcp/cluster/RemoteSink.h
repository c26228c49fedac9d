#pragma once

#include "mcp/cluster/Letter.h"
#include "mcp/messages/ResponseSink.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::mcp
{

/// The sink of a client that is connected to another instance: what is sent here travels there, as letters in order.
///
/// Threading: any thread.
class RemoteSink final : public ResponseSink
{
public:
    /// Takes a letter to the other instance. Shape: the errand's number is the letter's first field already.
    using Post = std::function<void(Letter&& letter)>;

    /// Shape: `errand` is the number that the other instance gave it; `ended` is told once it needs no more.
    RemoteSink(std::string errand, bool streams, Post post, std::function<void()> ended);
    ~RemoteSink() override;

    /// The client, or the instance that it is connected to, has gone.
    void gone();

    [[nodiscard]] bool streams() const override { return _streams; }
    void openStream(std::string_view primingId, std::uint32_t retryMs) override;
    bool send(std::string_view message, std::string_view eventId) override;
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override;
    void finish(const Answer& answer) override;
    void close(std::uint32_t retryMs) override;
    [[nodiscard]] bool closed() const override;
    void onDisconnect(std::weak_ptr<DisconnectListener> listener) override;

private:
    [[nodiscard]] Letter letter(std::string_view what) const;
    void end(Letter&& last);

    const std::string _errand;
    const bool _streams;
    const Post _post;
    const std::function<void()> _ended;

    mutable std::mutex _mutex; // guards all below; held while posting, so that order is kept
    bool _closed = false;
    bool _gone = false;
    std::vector<std::weak_ptr<DisconnectListener>> _listeners;
};

/// Carries out on the client's own sink what a letter of a RemoteSink says. False if the sink takes no more.
bool carryOut(const Letter& letter, ResponseSink& sink);

/// Whether it is the last of its errand.
[[nodiscard]] bool isLast(const Letter& letter);

} // namespace tenon::mcp

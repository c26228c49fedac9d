#pragma once

#include "base/Principal.h"
#include "client/Client.h"
#include "plugin/upstream/UpstreamCall.h"
#include "plugin/upstream/UpstreamConfig.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// One session with a server behind this one, and the calls that go over it.
///
/// Threading: any thread. `close` and `rest` not from a completion or a handler.
class UpstreamLink final : private client::ClientHandler
{
public:
    using Clock = std::chrono::steady_clock;

    /// Told of a link's news; must not block.
    class News
    {
    public:
        virtual ~News() = default;
        virtual void listsChanged() = 0;
        virtual void resourceUpdated(std::string_view uri) = 0;
        virtual void linkGone(UpstreamLink& link, const std::string& why) = 0;
    };

    /// Shape:     `key` is whose it is; empty: everybody's, whose news are listened to. `token` lets it in; null: what
    ///            the settings say.
    /// Ownership: borrows all it is given.
    UpstreamLink(const UpstreamConfig& config, std::string key, const base::ForwardedTokenPtr& token, News& news);
    ~UpstreamLink() override;

    [[nodiscard]] client::Client& client() { return *_client; }
    [[nodiscard]] const std::string& key() const { return _key; }
    [[nodiscard]] int processId() const { return _processId; }

    void add(const std::shared_ptr<UpstreamCall>& call);
    void remove(const UpstreamCall& call);
    [[nodiscard]] std::size_t calls() const;

    /// Looks after calls that nobody waits for any more.
    void look(Clock::time_point now);

    /// Keeps the session in use as a call does, while it lives: for what is asked in nobody's name.
    class Hold
    {
    public:
        explicit Hold(UpstreamLink& link);
        ~Hold();
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

    private:
        UpstreamLink& _link;
    };

    /// Ends the session, and with it the program, if nothing has used it for `idle`. Waits for the end.
    void restIfUnused(std::chrono::milliseconds idle);

    /// It is being ended so; whoever was added since waits for that before it opens another.
    [[nodiscard]] bool resting() const;
    void awaitRest();

    /// Whether `session` is another than before: the first to ask so has opened it.
    [[nodiscard]] bool meets(const std::shared_ptr<client::ClientSession>& session);

    /// How long nothing has used it; nothing while calls are inside.
    [[nodiscard]] Clock::duration unused(Clock::time_point now) const;

    void close() { _client->close(); }

private:
    [[nodiscard]] client::Abilities abilities() const override { return {true, true, true, true, false}; }
    bool takeQuestion(const Question& question) override;
    [[nodiscard]] std::string answer(std::string_view method, const base::JsonDocument::Element* params) override;
    void onNotification(std::string_view method, const base::JsonDocument::Element* params,
                        std::string_view related) override;
    void onGone(const client::ClientException& why) override;

    [[nodiscard]] std::shared_ptr<UpstreamCall> callOf(std::string_view related) const;
    void takeLog(const base::JsonDocument::Element& params, std::string_view related);
    [[nodiscard]] std::string roots() const;

    const UpstreamConfig& _config;
    const std::string _key;
    News& _news;
    std::atomic<int> _processId{0};

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _rested;
    std::vector<std::shared_ptr<UpstreamCall>> _calls;
    std::size_t _holds = 0;
    std::weak_ptr<client::ClientSession> _met;
    bool _resting = false;
    Clock::time_point _usedAt = Clock::now();

    client::HttpConnections _authConnections; ///< of `_client`'s credentials
    std::unique_ptr<client::Client> _client;  ///< last: its threads come to the rest
};

} // namespace tenon::plugin

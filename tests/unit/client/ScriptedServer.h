#pragma once

#include "client/transport/Transport.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::tests
{

/// A server without a wire: answers each method as the test says, in the thread that sends.
///
/// Threading: any thread.
class ScriptedServer : public client::Transport
{
public:
    /// Gives the answer without "jsonrpc" and "id": `"result":{}`; empty: none comes. May throw ClientException.
    using Answer = std::function<std::string(const client::Outgoing& message)>;

    struct Script
    {
        std::map<std::string, Answer> answers; ///< by method; others get "method not found"
        std::vector<client::Outgoing> sent;
        std::vector<std::string> revisions, abandoned;
        client::TransportListener* listener = nullptr;
        bool headers = false;
        std::mutex mutex; ///< guards what is sent

        [[nodiscard]] std::vector<std::string> methods();
        [[nodiscard]] std::string lastText(const std::string& method);
        void say(const std::string& json) const;
    };

    explicit ScriptedServer(std::shared_ptr<Script> script) : _script(std::move(script)) {}

    void open(client::TransportListener& listener) override { _script->listener = &listener; }
    void send(client::Outgoing message) override;
    bool abandon(const std::string& id) override;
    void setRevision(const std::string& revision) override { _script->revisions.push_back(revision); }
    void listen() override {}
    void close() override {}
    [[nodiscard]] bool hasHeaders() const override { return _script->headers; }

private:
    const std::shared_ptr<Script> _script;
};

/// An answer that is always the same.
[[nodiscard]] ScriptedServer::Answer always(const std::string& answer);

} // namespace tenon::tests

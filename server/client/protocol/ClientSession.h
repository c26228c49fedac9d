#pragma once

#include "base/threads/Executor.h"
#include "base/threads/Timers.h"
#include "client/protocol/ClientHandler.h"
#include "client/protocol/Correlator.h"
#include "client/protocol/MessageText.h"
#include "client/protocol/Peer.h"
#include "client/protocol/Reply.h"
#include "client/transport/Transport.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::jsonrpc
{
struct Message;
}

namespace tenon::client
{

/// One session with a server, in whichever era: sends requests, matches answers to them, answers what the server asks,
/// keeps deadlines, cancels.
///
/// Threading: any thread; `open` and `close` by the owner. Not closed from a completion or a handler.
/// Ownership: borrows handler and timers.
class ClientSession : private TransportListener, public std::enable_shared_from_this<ClientSession>
{
public:
    struct Options
    {
        ClientInfo info;
        int probeMs = 5000; ///< for an answer to `server/discover`, before the server is taken for a legacy one
        int initializeMs = 30'000;
        std::string revision;   ///< to speak this one and no other; empty: what both know
        bool anyLegacy = false; ///< `revision` is only where the handshake begins
    };

    ClientSession(std::unique_ptr<Transport> transport, Options options, ClientHandler& handler, base::Timers& timers);
    ~ClientSession() override;
    ClientSession(const ClientSession&) = delete;
    ClientSession& operator=(const ClientSession&) = delete;

    /// Opens the transport and agrees on a revision.
    ///
    /// Errors: ClientException; then `close`.
    void open();
    void close();

    /// What the server said of itself. Unchanging once `open` returned.
    [[nodiscard]] const Peer& peer() const { return _peer; }
    [[nodiscard]] bool modern() const { return _modern; }

    /// Sends a request; `completion` runs once, on any thread, perhaps before the return.
    ///
    /// Shape:  `params` is the text of a JSON object, or empty. Returns the id of the request.
    /// Errors: none is thrown but Poco::DataFormatException for `params` that are no object.
    std::string start(std::string_view method, std::string_view params, const RequestOptions& options,
                      Completion completion);

    /// Sends a request and waits.
    ///
    /// Errors: ClientException.
    [[nodiscard]] Reply request(std::string_view method, std::string_view params, const RequestOptions& options = {});

    void notify(std::string_view method, std::string_view params);

    /// Takes a request back: it completes with CANCELLED, and the server is told.
    void cancel(const std::string& id, std::string_view reason);

    /// Opens the stream for news that belong to no request, where there is one.
    void listen() { _transport->listen(); }
    [[nodiscard]] bool hasHeaders() const { return _transport->hasHeaders(); }
    [[nodiscard]] bool canBeModern() const { return _transport->canBeModern(); }

    // For `RevisionProbe`, while the session opens.
    void setRevision(std::string_view revision);
    void setPeer(Peer peer);
    [[nodiscard]] const Options& options() const { return _options; }
    [[nodiscard]] Abilities abilities() const { return _handler.abilities(); }

private:
    void onMessage(base::JsonDocumentPtr message, std::string_view related) override;
    void onRequestFailed(const std::string& id, const ClientException& why) override;
    void onGone(const ClientException& why) override;

    void takeOne(const base::JsonDocumentPtr& document, const base::JsonDocument::Element& element,
                 std::string_view related);
    void takeError(const jsonrpc::Message& message, std::string_view related);
    void takeNotification(const jsonrpc::Message& message, std::string_view related);
    [[nodiscard]] bool leave(const jsonrpc::Message& message, std::string_view related);
    void takeProgress(const jsonrpc::Message& message);
    void takeAcknowledgement(const jsonrpc::Message& message, std::string_view related);
    void answer(const base::JsonDocumentPtr& document, const jsonrpc::Message& message);
    void sendQuietly(Outgoing message);
    void abandon(const std::string& id, std::string_view reason);
    [[nodiscard]] std::string metaOf(const std::string& id, const RequestOptions& options) const;

    const Options _options;
    ClientHandler& _handler;
    const std::unique_ptr<Transport> _transport;
    Correlator _correlator;
    base::Executor _answering;
    Peer _peer;
    std::string _revision; ///< changes only while the session opens, before there are other threads
    bool _modern = false;
    std::atomic<bool> _closed{false};
};

} // namespace tenon::client

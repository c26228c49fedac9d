#pragma once

#include "base/websocket/WebSocketReader.h"
#include "client/http/Credentials.h"
#include "client/http/HttpConnections.h"
#include "client/transport/Transport.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/URI.h>

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace tenon::client
{

/// A WebSocket with the subprotocol `mcp`: a message a text frame. A server may carry any revision over it.
///
/// Threading: any thread; one of the transport's reads.
/// Spec:      RFC 6455; 2026-07-28, Custom Transports.
class MessageSocket : public Transport
{
public:
    struct Options
    {
        Poco::URI url; ///< http or https, whose ports and credentials hold for it
        std::size_t maxMessageBytes = 64U * 1024 * 1024;
    };

    MessageSocket(Options options, HttpConnections& connections, CredentialsPtr credentials);
    ~MessageSocket() override;

    void open(TransportListener& listener) override;
    void send(Outgoing message) override;
    bool abandon(const std::string&) override { return false; }
    void setRevision(const std::string&) override {}
    void listen() override {}
    void close() override;
    [[nodiscard]] bool hasHeaders() const override { return false; }

private:
    void connect();
    /// False: worth another try.
    bool tryConnect(int attempt);
    void takeOver(Poco::Net::HTTPClientSession& session, const Poco::Net::HTTPResponse& response,
                  const std::string& key);
    void run();
    [[nodiscard]] std::string readMessages();
    [[nodiscard]] bool receive(std::string& bytes);
    [[nodiscard]] bool waitForBytes();
    /// Why no more come; empty: there may be more.
    [[nodiscard]] std::string take(const base::WebSocketReader::Event& event);
    void sendFrame(base::WebSocketFrame::Opcode opcode, std::string payload);
    void trace(char direction, std::string_view text) const;

    const Options _options;
    HttpConnections& _connections;
    const CredentialsPtr _credentials; ///< null: none
    TransportListener* _listener = nullptr;
    Poco::Net::StreamSocket _socket; ///< set by `open`
    bool _open = false;              ///< likewise
    std::string _early;              ///< came with the head of the answer
    std::thread _reading;

    std::mutex _sending;  // held while a frame is sent
    std::mutex _crypting; // with TLS, which has one state for both directions: held while bytes are read or written
    std::mutex _mutex;    // guards all below
    bool _closing = false;
};

} // namespace tenon::client

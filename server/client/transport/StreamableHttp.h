#pragma once

#include "base/threads/Executor.h"
#include "client/http/Credentials.h"
#include "client/http/HttpConnections.h"
#include "client/http/SseReader.h"
#include "client/transport/HttpSender.h"
#include "client/transport/Transport.h"

#include <Poco/URI.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace tenon::client
{

/// Streamable HTTP in both eras. Each request is a POST of its own, whose answer is one message or a stream; a legacy
/// stream that breaks before the answer is resumed with `Last-Event-ID`, after the pause that the server asked for or
/// growing ones.
///
/// Threading: any thread; each request in flight has a thread of the transport's.
/// Spec:      2026-07-28 and 2025-11-25, Transports, Streamable HTTP.
class StreamableHttp : public Transport
{
public:
    struct Options
    {
        Poco::URI url;
        std::size_t maxInFlight = 64;
        std::size_t maxMessageBytes = 64U * 1024 * 1024;
    };

    StreamableHttp(Options options, HttpConnections& connections, CredentialsPtr credentials);
    ~StreamableHttp() override;

    void open(TransportListener& listener) override;
    void send(Outgoing message) override;
    bool abandon(const std::string& id) override;
    void setRevision(const std::string& revision) override;
    void listen() override;
    void close() override;
    [[nodiscard]] bool hasHeaders() const override { return true; }

private:
    /// How far the stream of one request, or of the session, has come.
    struct Stream
    {
        std::string requestId; ///< empty: the session's
        SseReader reader;
        bool answered = false;
        int barren = 0; ///< connections in a row that brought nothing
    };

    [[nodiscard]] Poco::Net::HTTPRequest postHead(const Outgoing& message, const Poco::URI& uri) const;
    [[nodiscard]] Poco::Net::HTTPRequest getHead(const std::string& lastEventId, const Poco::URI& uri) const;
    void runRequest(const Outgoing& message);
    void exchangeRequest(const Outgoing& message, const std::shared_ptr<HttpExchange>& exchange);
    void sendWithoutAnswer(const Outgoing& message);
    void readStream(HttpExchange& exchange, Stream& stream);
    void resume(Stream& stream, const std::string& id);
    void runListening();
    void noteListened();
    bool listenOnce(Stream& stream);
    void deliver(const std::string& json, Stream& stream, const std::string& type);
    void keepSession(const Outgoing& message, const Poco::Net::HTTPResponse& response);
    [[nodiscard]] ClientException refused(const Poco::Net::HTTPResponse& response, const std::string& body) const;
    bool pause(int ms, const std::string& id);
    void endSession();

    const Options _options;
    HttpSender _sender;
    TransportListener* _listener = nullptr; ///< set by `open`, before anything runs
    base::Executor _executor;
    std::thread _listening;

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::string _revision;
    std::string _sessionId;
    std::map<std::string, std::shared_ptr<HttpExchange>> _inFlight; ///< by request id
    std::set<std::string> _abandoned;
    bool _listened = false; ///< the server has answered whether there is a stream
    bool _closing = false;
};

} // namespace tenon::client

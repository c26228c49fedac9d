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
#include <string>
#include <thread>

namespace tenon::client
{

/// The HTTP+SSE transport: one stream for all that comes, a POST for all that goes, to the address that the first event
/// of the stream names.
///
/// Threading: any thread; the stream has a thread of the transport's.
/// Spec:      2024-11-05, Transports, HTTP with SSE.
class HttpSse : public Transport
{
public:
    struct Options
    {
        Poco::URI url; ///< of the stream
        int openMs = 10'000;
        std::size_t maxMessageBytes = 64U * 1024 * 1024;
    };

    HttpSse(Options options, HttpConnections& connections, CredentialsPtr credentials);
    ~HttpSse() override;

    /// Waits for the address to post to.
    void open(TransportListener& listener) override;
    void send(Outgoing message) override;
    bool abandon(const std::string& id) override;
    void setRevision(const std::string& revision) override;
    void listen() override {}
    void close() override;
    [[nodiscard]] bool canBeModern() const override { return false; }
    [[nodiscard]] bool hasHeaders() const override { return false; }

private:
    void run();
    void readStream();
    void take(const SseEvent& event);
    void takeEndpoint(const std::string& address);
    void post(const Outgoing& message, HttpExchange& exchange);
    void gone(const ClientException& why);

    const Options _options;
    HttpSender _sender;
    TransportListener* _listener = nullptr;
    base::Executor _executor;
    std::thread _reading;

    mutable std::mutex _mutex; // guards all below
    std::condition_variable _wake;
    std::string _revision;
    Poco::URI _endpoint;
    bool _open = false;
    std::map<std::string, std::shared_ptr<HttpExchange>> _posting; ///< by request id
    bool _gone = false;
    bool _closing = false;
    std::unique_ptr<ClientException> _why; ///< it could not be opened
};

} // namespace tenon::client

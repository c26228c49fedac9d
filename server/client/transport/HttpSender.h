#pragma once

#include "client/ClientException.h"
#include "client/http/Credentials.h"
#include "client/http/HttpConnections.h"
#include "client/http/HttpExchange.h"

#include <Poco/Net/HTTPRequest.h>
#include <Poco/URI.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::client
{

/// Sends requests to one server with the credentials it wants, logs in when it asks for that, follows redirections
/// within the origin, and can interrupt what is under way.
///
/// Threading: any thread.
class HttpSender
{
public:
    HttpSender(HttpConnections& connections, CredentialsPtr credentials)
        : _connections(connections), _credentials(std::move(credentials))
    {
    }

    /// An exchange that `interruptAll` knows.
    [[nodiscard]] std::shared_ptr<HttpExchange> begin();

    /// The same for what has no answer, so that nobody keeps a deadline for it.
    [[nodiscard]] std::shared_ptr<HttpExchange> beginNotice();

    /// Sends and gives the head of the answer, whatever its status.
    ///
    /// Shape:  `head` makes the request anew for every try.
    /// Errors: ClientException.
    template <typename MakeRequest>
    const Poco::Net::HTTPResponse& send(HttpExchange& exchange, Poco::URI uri, const MakeRequest& head,
                                        const std::string& body)
    {
        for (int attempt = 1;; ++attempt)
        {
            Poco::Net::HTTPRequest request = head(uri);
            if (trySend(exchange, uri, request, body, attempt))
                return exchange.response();
        }
    }

    /// Whatever is under way ends with CANCELLED, and so does what begins later.
    void interruptAll();

private:
    /// False: worth another try, perhaps at another address.
    bool trySend(HttpExchange& exchange, Poco::URI& uri, Poco::Net::HTTPRequest& request, const std::string& body,
                 int attempt);
    [[nodiscard]] static Poco::URI redirection(const Poco::URI& from, const Poco::Net::HTTPResponse& response,
                                               int attempt);
    void traceRequest(const Poco::Net::HTTPRequest& request, const Poco::URI& uri, const std::string& body) const;

    HttpConnections& _connections;
    const CredentialsPtr _credentials; ///< null: none

    std::mutex _mutex; // guards all below
    std::vector<std::weak_ptr<HttpExchange>> _running;
    bool _interrupted = false;
};

/// Whether the body of `response` is a stream of events.
[[nodiscard]] bool isEventStream(const Poco::Net::HTTPResponse& response);

/// The message of a refusal, from its status and body, as one exception: a JSON-RPC error if the body is one.
[[nodiscard]] ClientException refusalOf(const Poco::Net::HTTPResponse& response, const std::string& body);

} // namespace tenon::client

#pragma once

#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tenon::client
{

/// Authenticates a client: adds credentials to requests, and obtains better ones when those are refused.
///
/// Threading: any thread.
class Credentials
{
public:
    static constexpr int MAX_ATTEMPTS = 6; ///< of one request, those that are redirected counted

    virtual ~Credentials() = default;

    virtual void apply(Poco::Net::HTTPRequest& request, const Poco::URI& uri) = 0;

    /// The server refused a request with 401 or 403. True: the same request is worth another try.
    ///
    /// Shape:  `sent` is the request as it went out; `attempt` counts from 1 for one request.
    /// Errors: ClientException NOT_ALLOWED that says why not; blocks while a user logs in.
    virtual bool improve(const Poco::Net::HTTPRequest& sent, const Poco::Net::HTTPResponse& refusal,
                         const Poco::URI& uri, int attempt) = 0;
};

using CredentialsPtr = std::shared_ptr<Credentials>;

/// The same headers with every request: a bearer token, a user and password, a key of the operator's own.
class FixedCredentials : public Credentials
{
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;

    explicit FixedCredentials(Headers headers) : _headers(std::move(headers)) {}

    void apply(Poco::Net::HTTPRequest& request, const Poco::URI& uri) override;
    bool improve(const Poco::Net::HTTPRequest& sent, const Poco::Net::HTTPResponse& refusal, const Poco::URI& uri,
                 int attempt) override;

private:
    const Headers _headers;
};

} // namespace tenon::client

#pragma once

#include "base/threads/Timers.h"
#include "client/http/Credentials.h"
#include "client/http/HttpConnections.h"

#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include <cstdint>
#include <map>
#include <string>

namespace tenon::ops
{

/// One answer, or why there is none.
struct DoctorAnswer
{
    int status = 0; ///< 0: no answer
    std::string fault;
    Poco::Net::HTTPResponse response;
    std::string body;              ///< at most 256 KiB; of an event stream the first bytes
    std::int64_t firstByteMs = -1; ///< from the request to the first byte of the body; -1: none came

    [[nodiscard]] std::string header(const std::string& name) const { return response.get(name, ""); }
};

/// Sends what ordinary clients do not: foreign hosts and origins, over the connections of the room client.
///
/// Errors:    none is thrown by requests.
/// Threading: one thread.
class DoctorClient
{
public:
    /// Shape: null credentials are none.
    DoctorClient(Poco::URI base, client::CredentialsPtr credentials, client::HttpOptions http, int timeoutMs);

    using Headers = std::map<std::string, std::string>;

    [[nodiscard]] DoctorAnswer get(const std::string& path, const Headers& headers = {});
    [[nodiscard]] DoctorAnswer send(const std::string& method, const std::string& path, const Headers& headers = {},
                                    const std::string& body = {}, bool withCredentials = true);
    /// Of a stream: what comes first, without waiting for its end.
    [[nodiscard]] DoctorAnswer beginStream(const std::string& path, const Headers& headers = {});
    /// Of any URL, without credentials.
    [[nodiscard]] DoctorAnswer elsewhere(const std::string& url);

    /// Of the last TLS connection: days until the certificate ends; false if there was none.
    [[nodiscard]] bool certificateDays(int& days) const;

    // For checks that speak the protocol themselves.
    [[nodiscard]] const client::CredentialsPtr& credentials() const { return _credentials; }
    [[nodiscard]] const client::HttpOptions& http() const { return _connections.options(); }
    [[nodiscard]] int timeoutMs() const { return _timeoutMs; }

private:
    [[nodiscard]] DoctorAnswer exchange(const Poco::URI& uri, Poco::Net::HTTPRequest& request, const std::string& body,
                                        bool stream);

    const Poco::URI _base;
    const client::CredentialsPtr _credentials;
    const int _timeoutMs;
    client::HttpConnections _connections;
    base::Timers _timers;
    int _certificateDays = -1;
    bool _certificateSeen = false;
};

} // namespace tenon::ops

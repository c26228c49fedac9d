#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include <map>
#include <memory>
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

/// A client that may send what ordinary ones do not: foreign hosts and origins. Each request has a connection of its
/// own.
///
/// Errors:    none is thrown by requests.
/// Threading: one thread.
class DoctorClient
{
public:
    DoctorClient(Poco::URI base, std::string token, int timeoutMs);

    using Headers = std::map<std::string, std::string>;

    [[nodiscard]] DoctorAnswer get(const std::string& path, const Headers& headers = {});
    [[nodiscard]] DoctorAnswer send(const std::string& method, const std::string& path, const Headers& headers = {},
                                    const std::string& body = {}, bool withToken = true);
    /// Of a stream: what comes first, without waiting for its end.
    [[nodiscard]] DoctorAnswer beginStream(const std::string& path, const Headers& headers = {});
    /// Of any URL, without the token.
    [[nodiscard]] DoctorAnswer elsewhere(const std::string& url);

    /// Of the last TLS connection: days until the certificate ends; false if there was none.
    [[nodiscard]] bool certificateDays(int& days) const;

private:
    [[nodiscard]] std::unique_ptr<Poco::Net::HTTPClientSession> connect(const Poco::URI& uri) const;
    [[nodiscard]] DoctorAnswer exchange(const Poco::URI& uri, Poco::Net::HTTPRequest& request, const std::string& body,
                                        bool stream);

    const Poco::URI _base;
    const std::string _token;
    const int _timeoutMs;
    int _certificateDays = -1;
    bool _certificateSeen = false;
};

} // namespace tenon::ops

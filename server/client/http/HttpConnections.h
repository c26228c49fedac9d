#pragma once

#include "client/http/Trace.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/URI.h>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::client
{

/// Options for connecting to HTTP servers.
struct HttpOptions
{
    int connectMs = 10'000;
    int silenceMs = 10'000;  ///< of a server where nobody keeps a deadline: about tokens, and for what has no answer
    std::string authorities; ///< a file of certificates to trust instead of the system's
    std::string certificate; ///< a file (PEM) of the client's own certificate and its chain; empty: none
    std::string key;         ///< a file (PEM) of its private key, not encrypted; empty: it is in `certificate`
    std::string userAgent = "tenon/" TENON_VERSION;
    Trace* trace = nullptr; ///< borrowed
};

/// Connections to HTTP and HTTPS servers: kept alive and used again, through the proxy that the environment names, TLS
/// with the system's authorities.
///
/// Threading: any thread.
class HttpConnections
{
public:
    explicit HttpConnections(HttpOptions options);

    /// A connection to the host of `uri`, kept or new; `kept` says which.
    ///
    /// Errors: Poco::Exception if the URL is not http or https, or TLS cannot be set up (a
    ///         file that the options name cannot be used).
    [[nodiscard]] std::unique_ptr<Poco::Net::HTTPClientSession> take(const Poco::URI& uri, bool fresh, bool& kept);

    /// Takes back a connection whose answer was read to its end.
    void give(const Poco::URI& uri, std::unique_ptr<Poco::Net::HTTPClientSession> session);

    /// Sees whether TLS can be set up, as `take` does for the first https URL. Errors: as there.
    void checkTls() const { (void)makeContext(); }

    [[nodiscard]] const HttpOptions& options() const { return _options; }

private:
    [[nodiscard]] std::unique_ptr<Poco::Net::HTTPClientSession> make(const Poco::URI& uri);
    [[nodiscard]] Poco::Net::Context::Ptr makeContext() const;

    using Time = std::chrono::steady_clock::time_point;
    struct Kept
    {
        std::unique_ptr<Poco::Net::HTTPClientSession> session;
        Time since;
    };

    const HttpOptions _options;

    std::mutex _mutex;                              // guards all below
    Poco::Net::Context::Ptr _context;               ///< made when the first https URL is asked for
    std::map<std::string, std::vector<Kept>> _kept; ///< by scheme, host and port
};

} // namespace tenon::client

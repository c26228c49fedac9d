#include "client/http/HttpConnections.h"

#include "base/text/PemFile.h"
#include "client/http/Proxy.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Timespan.h>
#include <openssl/ssl.h>

#include <string_view>

namespace tenon::client
{

namespace
{

constexpr std::chrono::seconds KEEP{20};
constexpr std::size_t MAX_KEPT = 16; ///< of one host
constexpr int MAX_CHAIN = 9;         ///< certificates between a server's and an authority

std::string keyOf(const Poco::URI& uri)
{
    return uri.getScheme() + "://" + uri.getHost() + ':' + std::to_string(uri.getPort());
}

/// Says of a file what OpenSSL says in numbers, or asks for at the terminal.
void requirePem(const std::string& file, std::string_view what)
{
    const base::PemFile pem(file, what);
    if (!pem.fault.empty())
        throw Poco::InvalidArgumentException(file + ' ' + pem.fault + (pem.detail.empty() ? "" : ": " + pem.detail));
    if (what == base::PEM_PRIVATE_KEY && pem.text.find("ENCRYPTED") != std::string::npos)
        throw Poco::InvalidArgumentException(file +
                                             " is encrypted; `openssl pkey -in FILE -out PLAIN` makes a key without a "
                                             "passphrase");
}

} // namespace

HttpConnections::HttpConnections(HttpOptions options) : _options(std::move(options)) {}

Poco::Net::Context::Ptr HttpConnections::makeContext() const
{
    const std::string& key = _options.key.empty() ? _options.certificate : _options.key;
    requirePem(_options.authorities, base::PEM_CERTIFICATE);
    requirePem(_options.certificate, base::PEM_CERTIFICATE);
    requirePem(key, base::PEM_PRIVATE_KEY);
    Poco::Net::Context::Ptr context;
    try
    {
        context =
            new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, key, _options.certificate, _options.authorities,
                                   Poco::Net::Context::VERIFY_STRICT, MAX_CHAIN, _options.authorities.empty());
        // OpenSSL forgets a key that is not the certificate's, and POCO does not ask.
        if (!key.empty() && SSL_CTX_check_private_key(context->sslContext()) != 1)
            throw Poco::InvalidArgumentException("the key does not belong to the certificate");
    }
    catch (const Poco::Exception& exc)
    {
        if (key.empty())
            throw;
        throw Poco::InvalidArgumentException(_options.certificate + " and the key in " + key +
                                             " cannot be used together: " + exc.message());
    }
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    return context;
}

std::unique_ptr<Poco::Net::HTTPClientSession> HttpConnections::make(const Poco::URI& uri)
{
    std::unique_ptr<Poco::Net::HTTPClientSession> session;
    if (uri.getScheme() == "https")
    {
        Poco::Net::Context::Ptr context;
        {
            const std::lock_guard lock(_mutex);
            if (!_context)
                _context = makeContext();
            context = _context;
        }
        session = std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
    }
    else if (uri.getScheme() == "http")
        session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
    else
        throw Poco::InvalidArgumentException("must be an http or https URL", uri.toString());
    if (const auto proxy = proxyFor(uri))
        session->setProxyConfig(*proxy);
    session->setKeepAlive(true);
    // Deadlines are the callers': they interrupt an exchange, and a stream may be silent for as long as it likes.
    session->setTimeout(Poco::Timespan(static_cast<Poco::Timespan::TimeDiff>(_options.connectMs) * 1000),
                        Poco::Timespan(60, 0), Poco::Timespan(0, 0));
    session->setKeepAliveTimeout(Poco::Timespan(KEEP.count(), 0));
    return session;
}

std::unique_ptr<Poco::Net::HTTPClientSession> HttpConnections::take(const Poco::URI& uri, bool fresh, bool& kept)
{
    kept = false;
    std::unique_lock lock(_mutex);
    auto& idle = _kept[keyOf(uri)];
    const Time now = std::chrono::steady_clock::now();
    std::erase_if(idle, [&](const Kept& one) { return now - one.since > KEEP; });
    if (!fresh && !idle.empty())
    {
        auto session = std::move(idle.back().session);
        idle.pop_back();
        kept = true;
        return session;
    }
    lock.unlock();
    return make(uri);
}

void HttpConnections::give(const Poco::URI& uri, std::unique_ptr<Poco::Net::HTTPClientSession> session)
{
    const std::lock_guard lock(_mutex);
    auto& idle = _kept[keyOf(uri)];
    if (idle.size() < MAX_KEPT)
        idle.push_back({std::move(session), std::chrono::steady_clock::now()});
}

} // namespace tenon::client

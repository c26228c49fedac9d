#include "client/http/HttpExchange.h"

#include "client/ClientException.h"
#include "client/http/HttpConnections.h"

#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/StreamSocketImpl.h>

#if defined(_WIN32)
#include <winsock2.h>
#else
#include <sys/socket.h>
#endif

namespace tenon::client
{

namespace
{

#if defined(_WIN32)
constexpr int BOTH_WAYS = SD_BOTH;
#else
constexpr int BOTH_WAYS = SHUT_RDWR;
#endif

} // namespace

HttpExchange::~HttpExchange()
{
    release(false);
}

void HttpExchange::release(bool reusable) noexcept
{
    _body = nullptr;
    std::unique_ptr<Poco::Net::HTTPClientSession> session;
    {
        const std::lock_guard lock(_mutex);
        session = std::move(_session);
        reusable = reusable && !_interrupted;
    }
    try
    {
        if (session && reusable && session->connected() && _response.getKeepAlive())
        {
            if (_silence.count() != 0)
                session->socket().setReceiveTimeout(Poco::Timespan());
            _connections.give(_uri, std::move(session));
        }
    }
    catch (const std::exception&)
    {
        // It is closed instead of kept.
    }
}

void HttpExchange::fail(const Poco::Exception& cause, const Poco::URI& uri) const
{
    {
        const std::lock_guard lock(_mutex);
        if (_interrupted)
            throw ClientException(Fault::CANCELLED, "cancelled");
    }
    const std::string where = uri.getHost() + ':' + std::to_string(uri.getPort());
    if (dynamic_cast<const Poco::Net::SSLException*>(&cause))
        throw ClientException(Fault::UNREACHABLE, "TLS with " + where + " fails: " + cause.displayText());
    if (dynamic_cast<const Poco::TimeoutException*>(&cause))
        throw ClientException(Fault::UNREACHABLE, where + " does not answer");
    throw ClientException(Fault::UNREACHABLE, where + ": " + cause.displayText());
}

const Poco::Net::HTTPResponse& HttpExchange::send(const Poco::URI& uri, Poco::Net::HTTPRequest& request,
                                                  const std::string& body)
{
    _uri = uri;
    if (!request.has("User-Agent"))
        request.set("User-Agent", _connections.options().userAgent);
    if (!body.empty() || request.getMethod() == Poco::Net::HTTPRequest::HTTP_POST)
        request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    for (bool fresh = false;; fresh = true)
    {
        bool kept = false;
        try
        {
            auto session = _connections.take(uri, fresh, kept);
            {
                const std::lock_guard lock(_mutex);
                _session = std::move(session);
                if (_interrupted)
                    throw ClientException(Fault::CANCELLED, "cancelled");
            }
            std::ostream& out = _session->sendRequest(request);
            out << body << std::flush;
            {
                // An interruption during the connecting found no socket to shut.
                const std::lock_guard lock(_mutex);
                if (_interrupted)
                    throw ClientException(Fault::CANCELLED, "cancelled");
            }
            if (_silence.count() != 0)
                _session->socket().setReceiveTimeout(
                    Poco::Timespan(static_cast<Poco::Timespan::TimeDiff>(_silence.count()) * 1000));
            _response.clear();
            _got = 0;
            _body = &_session->receiveResponse(_response);
            return _response;
        }
        catch (const ClientException&)
        {
            throw;
        }
        catch (const Poco::Exception& exc)
        {
            release(false);
            // The server closed the connection while it was idle; it has seen nothing of this request.
            if (!kept)
                fail(exc, uri);
        }
    }
}

/// Whether a body that is at its end should have been longer.
bool HttpExchange::breaksOff() const
{
    return !_response.getChunkedTransferEncoding() && _response.hasContentLength() &&
           _got < static_cast<std::uint64_t>(_response.getContentLength64()) && _response.getStatus() != 204 &&
           _response.getStatus() != 304;
}

std::string HttpExchange::read(std::size_t maxBytes)
{
    if (!_body)
        return {};
    std::string bytes;
    try
    {
        std::streambuf& buffer = *_body->rdbuf();
        const int first = buffer.sbumpc();
        if (first == std::char_traits<char>::eof())
        {
            // POCO ends a stream alike whether it is complete or its connection broke.
            const Poco::Exception* broken = _session->networkException();
            if (broken)
                fail(*broken, _uri);
            {
                const std::lock_guard lock(_mutex);
                if (_interrupted)
                    throw ClientException(Fault::CANCELLED, "cancelled");
            }
            if (breaksOff())
                throw ClientException(Fault::UNREACHABLE,
                                      "the server broke the connection off in the middle of its answer");
            release(true);
            return bytes;
        }
        bytes += static_cast<char>(first);
        const auto more = static_cast<std::size_t>(std::max<std::streamsize>(buffer.in_avail(), 0));
        const std::size_t old = bytes.size();
        bytes.resize(old + std::min(more, maxBytes - 1));
        const auto got = buffer.sgetn(bytes.data() + old, static_cast<std::streamsize>(bytes.size() - old));
        bytes.resize(old + static_cast<std::size_t>(got));
        _got += bytes.size();
        return bytes;
    }
    catch (const ClientException&)
    {
        release(false);
        throw;
    }
    catch (const Poco::Exception& exc)
    {
        const Poco::URI uri = _uri;
        release(false);
        fail(exc, uri);
    }
}

std::string HttpExchange::readAll(std::size_t maxBytes)
{
    std::string all;
    for (std::string some = read(); !some.empty(); some = read())
    {
        all += some;
        if (all.size() > maxBytes)
            throw ClientException(Fault::PROTOCOL, "the answer is larger than " + std::to_string(maxBytes) + " bytes");
    }
    return all;
}

bool HttpExchange::certificateDays(int& days) const
{
    const std::lock_guard lock(_mutex);
    auto* secure = dynamic_cast<Poco::Net::HTTPSClientSession*>(_session.get());
    if (!secure)
        return false;
    days = (secure->serverCertificate().expiresOn() - Poco::DateTime()).days();
    return true;
}

void HttpExchange::interrupt() noexcept
{
    const std::lock_guard lock(_mutex);
    _interrupted = true;
    if (!_session)
        return;
    try
    {
        // Only the descriptor: the thread that uses the session closes it.
        ::shutdown(_session->socket().impl()->sockfd(), BOTH_WAYS);
    }
    catch (const std::exception&)
    {
        // Not connected yet, or no longer.
    }
}

} // namespace tenon::client

#pragma once

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include <chrono>
#include <cstdint>
#include <istream>
#include <memory>
#include <mutex>
#include <string>

namespace tenon::client
{

class HttpConnections;

/// One request and its answer, whose body may be a stream that lasts.
///
/// Errors:    ClientException UNREACHABLE; after `interrupt` CANCELLED.
/// Threading: one thread, but for `interrupt`, which any may call at any time.
/// Ownership: gives its connection back to `HttpConnections` when the body was read to its end, else closes it.
class HttpExchange
{
public:
    explicit HttpExchange(HttpConnections& connections) : _connections(connections) {}
    ~HttpExchange();
    HttpExchange(const HttpExchange&) = delete;
    HttpExchange& operator=(const HttpExchange&) = delete;

    /// Sends `request` with `body` and waits for the head of the answer. A connection that was kept and turns out to be
    /// closed is replaced by a new one, once.
    const Poco::Net::HTTPResponse& send(const Poco::URI& uri, Poco::Net::HTTPRequest& request, const std::string& body);

    /// How long the server may be silent, from the next `send` on; then it fails with UNREACHABLE. Zero, the default: as
    /// long as it likes.
    void allowSilence(std::chrono::milliseconds silence) { _silence = silence; }

    [[nodiscard]] const Poco::Net::HTTPResponse& response() const { return _response; }

    /// More of the body: what is there, at most `maxBytes`, at least one byte; empty at its end.
    ///
    /// Errors: ClientException UNREACHABLE if the connection ends before the body does, where its length was said.
    [[nodiscard]] std::string read(std::size_t maxBytes = 16384);

    /// The rest of the body.
    ///
    /// Errors: ClientException PROTOCOL if it is larger than `maxBytes`.
    [[nodiscard]] std::string readAll(std::size_t maxBytes);

    /// Days until the certificate of the server ends; false without TLS.
    [[nodiscard]] bool certificateDays(int& days) const;

    /// Ends what is sent or read at the moment, and all that follows.
    void interrupt() noexcept;

private:
    void release(bool reusable) noexcept;
    [[nodiscard]] bool breaksOff() const;
    [[noreturn]] void fail(const Poco::Exception& cause, const Poco::URI& uri) const;

    HttpConnections& _connections;
    Poco::URI _uri;
    Poco::Net::HTTPResponse _response;
    std::istream* _body = nullptr; ///< of the session
    std::uint64_t _got = 0;        ///< bytes of the body
    std::chrono::milliseconds _silence{0};

    mutable std::mutex _mutex; // guards all below against `interrupt`; the session is used by the one thread
    std::unique_ptr<Poco::Net::HTTPClientSession> _session;
    bool _interrupted = false;
};

} // namespace tenon::client

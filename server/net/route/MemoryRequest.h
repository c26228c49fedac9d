#pragma once

#include "guard/Admission.h"
#include "net/route/Endpoint.h"

#include <Poco/MemoryStream.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SocketAddress.h>

#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::net
{

/// A response kept in memory until the handler returns, unless it is parked.
///
/// Threading: one thread.
class MemoryResponse final : public Poco::Net::HTTPServerResponse
{
public:
    explicit MemoryResponse(ExchangePtr exchange) : _exchange(std::move(exchange)) {}

    /// Takes the exchange over: it answers, now or later, as one body or as a stream, and costs no thread meanwhile.
    /// What was written into this response is dropped.
    [[nodiscard]] ExchangePtr park() { return std::move(_exchange); }

    [[nodiscard]] bool parked() const { return _exchange == nullptr; }

    void sendContinue() override {} // the front has done it
    std::ostream& send() override;
    void sendFile(const std::string& path, const std::string& mediaType) override;
    void sendBuffer(const void* buffer, std::size_t length) override;
    void redirect(const std::string& uri, HTTPStatus status = HTTP_FOUND) override;
    void requireAuthentication(const std::string& realm) override;
    bool sent() const override { return _sent; }

    [[nodiscard]] std::string body() const { return _body.str(); }

private:
    ExchangePtr _exchange;
    std::ostringstream _body;
    bool _sent = false;
};

/// A request in memory, as POCO's handlers see it.
///
/// Threading: one thread.
/// Ownership: borrows the front's request and the response.
class MemoryRequest final : public Poco::Net::HTTPServerRequest
{
public:
    MemoryRequest(const Request& request, MemoryResponse& response, const Poco::Net::HTTPServerParams& params);

    std::istream& stream() override { return _stream; }
    const Poco::Net::SocketAddress& clientAddress() const override { return _client; }
    const Poco::Net::SocketAddress& serverAddress() const override { return _server; }
    const Poco::Net::HTTPServerParams& serverParams() const override { return _params; }
    Poco::Net::HTTPServerResponse& response() const override { return _response; }
    bool secure() const override { return _request.secure; }

    /// The request as the front has read it, and the response as it is here.
    [[nodiscard]] const Request& front() const { return _request; }
    [[nodiscard]] MemoryResponse& memory() const { return _response; }
    [[nodiscard]] const Route& route() const { return _request.route; }

    /// Who asks; what the gate said.
    [[nodiscard]] const guard::Admission& admission() const { return _request.admission; }
    [[nodiscard]] std::string_view body() const { return _request.body; }
    /// What follows the prefix of a `/*` route.
    [[nodiscard]] std::string_view rest() const { return _request.rest; }

private:
    const Request& _request;
    MemoryResponse& _response;
    const Poco::Net::HTTPServerParams& _params;
    Poco::Net::SocketAddress _client;
    Poco::Net::SocketAddress _server;
    Poco::MemoryInputStream _stream;
};

} // namespace tenon::net

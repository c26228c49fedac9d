#include "client/transport/MessageSocket.h"

#include "base/text/Base64.h"
#include "base/text/RandomId.h"
#include "client/transport/HttpSender.h"
#include "client/transport/Incoming.h"

#include <Poco/Buffer.h>
#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/String.h>
#include <Poco/Timespan.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace tenon::client
{

namespace
{

using base::WebSocketFrame;
using base::WebSocketReader;

constexpr std::size_t READ_BYTES = 65536;
constexpr std::size_t KEY_BYTES = 16;
constexpr std::size_t MAX_SAID = 4096;  // of a refusal
const Poco::Timespan LOOK(0, 250'000);  // for the end, while nothing comes
const Poco::Timespan SEND(10, 0);       // for a server to take a message
const Poco::Timespan RECORD(0, 50'000); // for the rest of what TLS has begun to bring
const Poco::Timespan FAREWELL(0, 200'000);

/// A frame as a client sends it.
std::string maskedFrame(WebSocketFrame::Opcode opcode, std::string payload)
{
    WebSocketFrame frame;
    frame.opcode = opcode;
    frame.masked = true;
    frame.payloadBytes = payload.size();
    const std::string mask = base::randomBytes(frame.mask.size());
    std::copy(mask.begin(), mask.end(), frame.mask.begin());
    base::maskWebSocket(payload, frame.mask);
    std::string bytes;
    frame.append(bytes);
    return bytes + payload;
}

} // namespace

MessageSocket::MessageSocket(Options options, HttpConnections& connections, CredentialsPtr credentials)
    : _options(std::move(options)), _connections(connections), _credentials(std::move(credentials))
{
}

MessageSocket::~MessageSocket()
{
    close();
}

void MessageSocket::trace(char direction, std::string_view text) const
{
    if (Trace* trace = _connections.options().trace)
        trace->line(direction, text);
}

void MessageSocket::connect()
{
    const std::string where = _options.url.getHost() + ':' + std::to_string(_options.url.getPort());
    try
    {
        for (int attempt = 1; !tryConnect(attempt); ++attempt)
        {
        }
    }
    catch (const ClientException&)
    {
        throw;
    }
    catch (const Poco::TimeoutException&)
    {
        throw ClientException(Fault::UNREACHABLE, where + " does not answer");
    }
    catch (const Poco::Exception& exc)
    {
        throw ClientException(Fault::UNREACHABLE, where + ": " + exc.displayText());
    }
}

bool MessageSocket::tryConnect(int attempt)
{
    const std::string path = _options.url.getPathAndQuery();
    const std::string key = base::toBase64(base::randomBytes(KEY_BYTES));
    Poco::Net::HTTPRequest request("GET", path.empty() ? "/" : path, "HTTP/1.1");
    Poco::Net::HTTPResponse response;
    request.set("Connection", "Upgrade");
    request.set("Upgrade", "websocket");
    request.set("Sec-WebSocket-Version", "13");
    request.set("Sec-WebSocket-Key", key);
    request.set("Sec-WebSocket-Protocol", "mcp");
    request.set("User-Agent", _connections.options().userAgent);
    if (_credentials)
        _credentials->apply(request, _options.url);
    trace('>', "GET " + _options.url.toString() + "  Upgrade: websocket");
    bool kept = false;
    const auto session = _connections.take(_options.url, true, kept);
    const Poco::Timespan patience(static_cast<Poco::Timespan::TimeDiff>(_connections.options().connectMs) * 1000);
    session->setTimeout(patience, SEND, patience);
    session->sendRequest(request);
    std::istream& body = session->receiveResponse(response);
    const int status = response.getStatus();
    trace('<', std::to_string(status) + ' ' + response.getReason());
    if (status == 101)
    {
        takeOver(*session, response, key);
        return true;
    }
    if ((status == 401 || status == 403) && _credentials && attempt < Credentials::MAX_ATTEMPTS &&
        _credentials->improve(request, response, _options.url, attempt))
        return false;
    if (status < 400) // whose body may be a stream without an end
        throw ClientException(Fault::PROTOCOL, "the server does not speak WebSocket at this URL", status);
    std::string said(MAX_SAID, '\0');
    body.read(said.data(), static_cast<std::streamsize>(said.size()));
    said.resize(static_cast<std::size_t>(body.gcount()));
    throw refusalOf(response, said);
}

void MessageSocket::takeOver(Poco::Net::HTTPClientSession& session, const Poco::Net::HTTPResponse& response,
                             const std::string& key)
{
    if (response.get("Sec-WebSocket-Accept", "") != base::webSocketAccept(key) ||
        Poco::icompare(response.get("Upgrade", ""), "websocket") != 0 || response.has("Sec-WebSocket-Extensions"))
        throw ClientException(Fault::PROTOCOL, "the server does not know how to open a WebSocket");
    Poco::Buffer<char> early(0);
    session.drainBuffer(early);
    _early.assign(early.begin(), early.size());
    _socket = session.detachSocket();
    _socket.setSendTimeout(SEND);
    _socket.setReceiveTimeout(_socket.secure() ? RECORD : Poco::Timespan(0, 0));
}

void MessageSocket::open(TransportListener& listener)
{
    _listener = &listener;
    connect();
    _open = true;
    _reading = std::thread([this] { run(); });
}

void MessageSocket::sendFrame(WebSocketFrame::Opcode opcode, std::string payload)
{
    const std::string bytes = maskedFrame(opcode, std::move(payload));
    const std::lock_guard sending(_sending);
    for (std::size_t sent = 0; sent < bytes.size();)
    {
        std::unique_lock crypting(_crypting, std::defer_lock);
        if (_socket.secure())
            crypting.lock();
        const std::size_t part = std::min(bytes.size() - sent, READ_BYTES);
        const int count = _socket.sendBytes(bytes.data() + sent, static_cast<int>(part));
        if (count < 0)
            throw Poco::TimeoutException("the server does not read what it is sent");
        sent += static_cast<std::size_t>(count);
    }
}

void MessageSocket::send(Outgoing message)
{
    trace('>', message.text);
    try
    {
        sendFrame(WebSocketFrame::TEXT, std::move(message.text));
    }
    catch (const Poco::Exception& exc)
    {
        throw ClientException(Fault::UNREACHABLE, "the WebSocket broke: " + exc.displayText());
    }
}

/// False: it is being closed.
bool MessageSocket::waitForBytes()
{
    for (;;)
    {
        {
            const std::lock_guard lock(_mutex);
            if (_closing)
                return false;
        }
        if (_socket.secure())
        {
            const std::lock_guard crypting(_crypting);
            if (_socket.available() > 0) // of a record that was read already
                return true;
        }
        if (_socket.poll(LOOK, Poco::Net::Socket::SELECT_READ))
            return true;
    }
}

/// Appends what comes; false at the end.
bool MessageSocket::receive(std::string& bytes)
{
    std::array<char, 16384> buffer{};
    std::unique_lock crypting(_crypting, std::defer_lock);
    if (_socket.secure())
        crypting.lock();
    try
    {
        const int got = _socket.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
        if (got > 0)
            bytes.append(buffer.data(), static_cast<std::size_t>(got));
        return got != 0;
    }
    catch (const Poco::TimeoutException&)
    {
        return true; // what came was of TLS alone
    }
}

/// Why no more come; empty: the transport is closed.
std::string MessageSocket::readMessages()
{
    WebSocketReader reader(WebSocketReader::From::SERVER, _options.maxMessageBytes);
    std::string bytes = std::move(_early);
    do
    {
        std::span<char> rest(bytes);
        for (auto event = reader.next(rest); event.kind != WebSocketReader::Kind::NOTHING; event = reader.next(rest))
            if (std::string why = take(event); !why.empty())
                return why;
        bytes.erase(0, bytes.size() - rest.size());
        if (!waitForBytes())
            return {};
    } while (receive(bytes));
    return "the server closed the connection";
}

std::string MessageSocket::take(const WebSocketReader::Event& event)
{
    switch (event.kind)
    {
    case WebSocketReader::Kind::MESSAGE:
        break;
    case WebSocketReader::Kind::PING:
        sendFrame(WebSocketFrame::PONG, std::string(event.data));
        return {};
    case WebSocketReader::Kind::CLOSE:
        sendFrame(WebSocketFrame::CLOSE, base::webSocketClosePayload(WebSocketReader::NORMAL, {}));
        return "the server closed the WebSocket (" + std::to_string(event.status) + ")" +
               (event.data.empty() ? std::string() : ": " + std::string(event.data));
    case WebSocketReader::Kind::FAULT:
        sendFrame(WebSocketFrame::CLOSE, base::webSocketClosePayload(event.status, event.data));
        return "the server's WebSocket cannot be understood: " + std::string(event.data);
    case WebSocketReader::Kind::PONG:
    case WebSocketReader::Kind::NOTHING:
        return {};
    }
    trace('<', event.data);
    try
    {
        _listener->onMessage(parseMessage(event.data), {});
    }
    catch (const Poco::Exception& exc)
    {
        trace('*', "no JSON: " + exc.displayText());
    }
    return {};
}

void MessageSocket::run()
{
    std::string why;
    try
    {
        why = readMessages();
    }
    catch (const Poco::Exception& exc)
    {
        why = "the WebSocket broke: " + exc.displayText();
    }
    {
        const std::lock_guard lock(_mutex);
        if (_closing)
            return;
    }
    _listener->onGone(ClientException(Fault::UNREACHABLE, why));
}

void MessageSocket::close()
{
    {
        const std::lock_guard lock(_mutex);
        if (std::exchange(_closing, true))
            return;
    }
    if (!_open)
        return;
    try
    {
        _socket.setSendTimeout(FAREWELL);
        sendFrame(WebSocketFrame::CLOSE, base::webSocketClosePayload(WebSocketReader::NORMAL, {}));
    }
    catch (const Poco::Exception&) // NOLINT: it is closed below, whether the server hears of it or not
    {
    }
    if (_reading.joinable())
        _reading.join();
    _socket.close();
}

} // namespace tenon::client

#include "support/RawConnection.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/NumberParser.h>
#include <Poco/String.h>
#include <Poco/Timespan.h>

#include <utility>

namespace tenon::tests
{

std::string HttpReply::header(const std::string& lowerCaseName) const
{
    const auto found = headers.find(lowerCaseName);
    return found == headers.end() ? std::string() : found->second;
}

RawConnection::RawConnection(std::uint16_t port, const std::string& from)
{
    if (!from.empty())
        _socket.impl()->bind(Poco::Net::SocketAddress(from, 0));
    _socket.connect(Poco::Net::SocketAddress("127.0.0.1", port));
    _socket.setNoDelay(true);
    setTimeout(std::chrono::seconds(30));
}

void RawConnection::setTimeout(std::chrono::milliseconds timeout)
{
    _socket.setReceiveTimeout(Poco::Timespan(timeout.count() * 1000));
}

void RawConnection::send(std::string_view bytes)
{
    for (std::size_t sent = 0; sent < bytes.size();)
        sent += static_cast<std::size_t>(_socket.sendBytes(bytes.data() + sent, static_cast<int>(bytes.size() - sent)));
}

void RawConnection::shutdownSend()
{
    _socket.shutdownSend();
}

void RawConnection::reset()
{
    _socket.setLinger(true, 0);
    _socket.close();
}

bool RawConnection::fill()
{
    char buffer[16384];
    int count = 0;
    try
    {
        count = _socket.receiveBytes(buffer, sizeof buffer);
    }
    catch (const Poco::Net::ConnectionResetException&)
    {
        // The server closed with bytes of ours unread: an end like any other.
    }
    if (count <= 0)
        return false;
    _pending.append(buffer, static_cast<std::size_t>(count));
    return true;
}

std::string RawConnection::line()
{
    std::size_t end;
    while ((end = _pending.find('\n')) == std::string::npos)
    {
        if (!fill())
            throw Poco::Net::MessageException("the connection ended within a line", _pending);
    }
    std::string text = _pending.substr(0, end);
    _pending.erase(0, end + 1);
    if (!text.empty() && text.back() == '\r')
        text.pop_back();
    return text;
}

std::string RawConnection::receiveSome()
{
    if (_pending.empty())
        (void)fill();
    return std::exchange(_pending, {});
}

std::string RawConnection::exactly(std::size_t count)
{
    while (_pending.size() < count)
    {
        if (!fill())
            throw Poco::Net::MessageException("the connection ended within a body", _pending);
    }
    std::string text = _pending.substr(0, count);
    _pending.erase(0, count);
    return text;
}

HttpReply RawConnection::receiveHead()
{
    HttpReply reply;
    if (_pending.empty() && !fill())
        return reply;
    do
    {
        reply.headers.clear();
        const std::string first = line();
        if (first.rfind("HTTP/1.1 ", 0) != 0 || first.size() < 12)
            throw Poco::Net::MessageException("not a status line", first);
        reply.status = Poco::NumberParser::parse(first.substr(9, 3));
        for (std::string field = line(); !field.empty(); field = line())
        {
            const auto colon = field.find(':');
            if (colon == std::string::npos)
                throw Poco::Net::MessageException("not a header", field);
            reply.headers[Poco::toLower(field.substr(0, colon))] = Poco::trim(field.substr(colon + 1));
        }
    } while (reply.status == 100);
    _chunked = reply.header("transfer-encoding") == "chunked";
    _unchunked.clear();
    return reply;
}

HttpReply RawConnection::receive()
{
    HttpReply reply = receiveHead();
    receiveBody(reply);
    return reply;
}

void RawConnection::receiveBody(HttpReply& reply)
{
    if (reply.status == 0 || reply.status == 204 || reply.status == 304)
        return;
    if (_chunked)
    {
        while (const auto size = Poco::NumberParser::parseHex(line()))
        {
            reply.body += exactly(size);
            (void)line();
        }
        (void)line();
    }
    else if (!reply.header("content-length").empty())
    {
        reply.body = exactly(Poco::NumberParser::parseUnsigned(reply.header("content-length")));
    }
    else
    {
        while (fill())
        {
        }
        reply.body.swap(_pending);
    }
}

std::string RawConnection::streamLine(bool& end)
{
    for (;;)
    {
        std::string& source = _chunked ? _unchunked : _pending;
        if (const auto found = source.find('\n'); found != std::string::npos)
        {
            std::string text = source.substr(0, found);
            source.erase(0, found + 1);
            if (!text.empty() && text.back() == '\r')
                text.pop_back();
            return text;
        }
        if (_chunked)
        {
            const auto size = Poco::NumberParser::parseHex(line());
            _unchunked += exactly(size);
            ++_chunks;
            (void)line();
            if (size != 0)
                continue;
        }
        else if (fill())
        {
            continue;
        }
        end = true;
        return {};
    }
}

std::string RawConnection::receiveEvent()
{
    std::string data;
    for (;;)
    {
        bool end = false;
        const std::string text = streamLine(end);
        if (end)
            return {};
        if (text.empty() && !data.empty())
            return data;
        if (text.rfind("data:", 0) == 0)
            data += text.substr(text.size() > 5 && text[5] == ' ' ? 6 : 5);
    }
}

std::string RawConnection::receiveChunk()
{
    std::string bytes = exactly(Poco::NumberParser::parseHex(line()));
    (void)line();
    ++_chunks;
    return bytes;
}

bool RawConnection::closedByServer()
{
    try
    {
        while (fill())
            _pending.clear();
        return true;
    }
    catch (const Poco::TimeoutException&)
    {
        return false;
    }
}

std::string request(std::string_view method, std::string_view path, const std::map<std::string, std::string>& headers,
                    std::string_view body)
{
    std::string text(method);
    text.append(" ").append(path).append(" HTTP/1.1\r\n");
    if (headers.count("Host") == 0)
        text += "Host: 127.0.0.1\r\n";
    for (const auto& [name, value] : headers)
        text.append(name).append(": ").append(value).append("\r\n");
    if (!body.empty() && headers.count("Content-Length") == 0 && headers.count("Transfer-Encoding") == 0)
        text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
    text.append("\r\n").append(body);
    return text;
}

HttpReply exchange(std::uint16_t port, std::string_view method, std::string_view path,
                   const std::map<std::string, std::string>& headers, std::string_view body)
{
    RawConnection connection(port);
    connection.send(request(method, path, headers, body));
    return connection.receive();
}

} // namespace tenon::tests

#include "Client.h"

#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench
{

namespace
{

int connectTo(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    {
        ::close(fd);
        return -1;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

} // namespace

bool isOpen(std::uint16_t port)
{
    const int fd = connectTo(port);
    if (fd >= 0)
        ::close(fd);
    return fd >= 0;
}

Client::Client(std::uint16_t port) : _socket(connectTo(port))
{
    if (_socket < 0)
        throw std::runtime_error("no connection to port " + std::to_string(port));
}

Client::~Client()
{
    if (_socket >= 0)
        ::close(_socket);
}

int Client::release()
{
    const int socket = _socket;
    _socket = -1;
    return socket;
}

void Client::send(std::string_view bytes)
{
    while (!bytes.empty())
    {
        const ssize_t count = ::send(_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0)
            throw std::runtime_error("the server closed a connection");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void Client::fill()
{
    char chunk[65536];
    const ssize_t count = ::recv(_socket, chunk, sizeof chunk, 0);
    if (count <= 0)
        throw std::runtime_error("the server closed a connection, having sent: " + _buffer);
    _buffer.append(chunk, static_cast<std::size_t>(count));
}

Client::Reply Client::receive()
{
    _buffer.erase(0, _used);
    std::size_t end;
    while ((end = _buffer.find("\r\n\r\n")) == std::string::npos)
        fill();
    const std::size_t headSize = end + 4;
    Reply reply;
    std::from_chars(_buffer.data() + 9, _buffer.data() + 12, reply.status);
    std::size_t length = 0;
    const std::string text = headerOf(std::string_view(_buffer).substr(0, headSize), "Content-Length");
    std::from_chars(text.data(), text.data() + text.size(), length);
    while (_buffer.size() < headSize + length)
        fill();
    _used = headSize + length;
    reply.head = std::string_view(_buffer).substr(0, headSize);
    reply.body = std::string_view(_buffer).substr(headSize, length);
    return reply;
}

std::string headerOf(std::string_view head, std::string_view name)
{
    for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line))
    {
        line += 2;
        const std::string_view rest = head.substr(line);
        if (rest.size() > name.size() && rest[name.size()] == ':' &&
            ::strncasecmp(rest.data(), name.data(), name.size()) == 0)
        {
            std::string_view value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
            while (!value.empty() && value.front() == ' ')
                value.remove_prefix(1);
            return std::string(value);
        }
    }
    return {};
}

std::string post(std::string_view headers, std::string_view body)
{
    return std::string("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                       "Accept: application/json, text/event-stream\r\n")
        .append(headers)
        .append("Content-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n\r\n")
        .append(body);
}

std::string modernCall(std::string_view tool, std::string_view arguments)
{
    return post(std::string("MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: ")
                    .append(tool)
                    .append("\r\n"),
                std::string(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")")
                    .append(tool)
                    .append(R"(","arguments":)")
                    .append(arguments)
                    .append(R"(,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                            R"("io.modelcontextprotocol/clientCapabilities":{}}}})"));
}

Session::Session(Client& client)
{
    const auto reply = client.exchange(
        post("", R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
                 R"("capabilities":{},"clientInfo":{"name":"bench","version":"1"}}})"));
    _id = headerOf(reply.head, "Mcp-Session-Id");
    if (reply.status != 200 || _id.empty())
        throw std::runtime_error("no session: " + std::string(reply.head) + std::string(reply.body));
    const auto initialized =
        client.exchange(post(headers(), R"({"jsonrpc":"2.0","method":"notifications/initialized"})"));
    if (initialized.status != 202)
        throw std::runtime_error("not initialized: " + std::string(initialized.head));
}

std::string Session::headers() const
{
    return "Mcp-Session-Id: " + _id + "\r\nMCP-Protocol-Version: 2025-11-25\r\n";
}

std::string Session::call(std::string_view tool, std::string_view arguments) const
{
    return post(headers(), std::string(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")")
                               .append(tool)
                               .append(R"(","arguments":)")
                               .append(arguments)
                               .append("}}"));
}

std::string Session::stream() const
{
    return "GET /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n" + headers() + "\r\n";
}

std::string Session::end() const
{
    return "DELETE /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers() + "\r\n";
}

} // namespace bench

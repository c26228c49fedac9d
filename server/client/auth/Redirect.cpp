#include "client/auth/Redirect.h"

#include "client/ClientException.h"

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>

#include <array>
#include <chrono>

namespace tenon::client
{

namespace
{

constexpr std::size_t MAX_HEAD = 16384;

/// The first line of a request; empty if the peer does not send one soon.
std::string requestLine(Poco::Net::StreamSocket& peer)
{
    std::string head;
    std::array<char, 2048> buffer{};
    peer.setReceiveTimeout(Poco::Timespan(5, 0));
    while (head.find("\r\n\r\n") == std::string::npos && head.size() < MAX_HEAD)
    {
        const int got = peer.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
        if (got <= 0)
            break;
        head.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return head.substr(0, head.find("\r\n"));
}

void say(Poco::Net::StreamSocket& peer, const std::string& status, const std::string& text)
{
    const std::string page = "<!doctype html><meta charset=utf-8><title>Tenon</title>"
                             "<p style=\"font:18px sans-serif;margin:3em\">" +
                             text + "</p>\n";
    const std::string answer = "HTTP/1.1 " + status +
                               "\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
                               "Cache-Control: no-store\r\nContent-Length: " +
                               std::to_string(page.size()) + "\r\n\r\n" + page;
    peer.sendBytes(answer.data(), static_cast<int>(answer.size()));
    peer.shutdownSend();
}

} // namespace

Redirect::Redirect(unsigned short port) : _socket(Poco::Net::SocketAddress("127.0.0.1", port), 8) {}

std::string Redirect::uri() const
{
    return "http://127.0.0.1:" + std::to_string(_socket.address().port()) + "/callback";
}

std::map<std::string, std::string> Redirect::wait(int timeoutMs)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs);
    while (true)
    {
        const auto left =
            std::chrono::duration_cast<std::chrono::microseconds>(until - std::chrono::steady_clock::now()).count();
        if (left <= 0 || !_socket.poll(Poco::Timespan(left), Poco::Net::Socket::SELECT_READ))
            throw ClientException(Fault::TIMEOUT, "nobody logged in within " + std::to_string(timeoutMs / 1000) + " s");
        try
        {
            Poco::Net::StreamSocket peer = _socket.acceptConnection();
            const std::string line = requestLine(peer);
            const auto begin = line.find(' ');
            const auto end = line.rfind(' ');
            if (begin == std::string::npos || end <= begin)
                continue;
            const Poco::URI uri("http://127.0.0.1" + line.substr(begin + 1, end - begin - 1));
            if (uri.getPath() != "/callback")
            {
                say(peer, "404 Not Found", "There is nothing here."); // browsers ask for an icon
                continue;
            }
            std::map<std::string, std::string> query;
            for (const auto& [name, value] : uri.getQueryParameters())
                query[name] = value;
            say(peer, "200 OK", "Tenon has what it needs. You can close this page.");
            return query;
        }
        catch (const Poco::Exception&)
        {
            // Whoever that was, it was not the browser.
        }
    }
}

} // namespace tenon::client

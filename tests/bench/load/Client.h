#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench
{

/// A keep-alive connection that sends requests and waits for their answers, with as little work as can be.
///
/// Errors:    std::runtime_error for anything unexpected; a measurement with errors is none.
/// Threading: one thread.
class Client
{
public:
    struct Reply
    {
        int status = 0;
        std::string_view head; ///< borrowed until the next call
        std::string_view body;
    };

    explicit Client(std::uint16_t port);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void send(std::string_view bytes);

    /// One answer with a Content-Length, or only its head if it is an event stream.
    Reply receive();

    Reply exchange(std::string_view bytes)
    {
        send(bytes);
        return receive();
    }

    /// Gives the socket away, for callers that poll it.
    int release();

    [[nodiscard]] int descriptor() const { return _socket; }

private:
    void fill();

    int _socket = -1;
    std::string _buffer;
    std::size_t _used = 0; // of the answer that was given last
};

/// Whether a connection can be made; no exception where the port is not open yet.
[[nodiscard]] bool isOpen(std::uint16_t port);

/// The value of a header, empty if it is not there.
[[nodiscard]] std::string headerOf(std::string_view head, std::string_view name);

/// A POST to /mcp with `headers`, each ended by CR LF.
[[nodiscard]] std::string post(std::string_view headers, std::string_view body);

/// A `tools/call` as a client of 2026-07-28 sends it.
[[nodiscard]] std::string modernCall(std::string_view tool, std::string_view arguments);

/// A session of 2025-11-25: opens it, and gives what its requests look like.
class Session
{
public:
    explicit Session(Client& client);

    [[nodiscard]] const std::string& id() const { return _id; }
    [[nodiscard]] std::string call(std::string_view tool, std::string_view arguments) const;
    [[nodiscard]] std::string stream() const; ///< the GET that opens its event stream
    [[nodiscard]] std::string end() const;    ///< the DELETE

private:
    [[nodiscard]] std::string headers() const;
    std::string _id;
};

} // namespace bench

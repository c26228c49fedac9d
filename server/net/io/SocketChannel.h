#pragma once

#include <Poco/Net/StreamSocket.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

/// The bytes of one accepted socket, plain or TLS; never waits.
///
/// Errors:    none is thrown; a broken connection is CLOSED.
/// Threading: one thread at a time. On a plain socket one may read while another writes.
class SocketChannel
{
public:
    enum class Io
    {
        DONE, ///< at least one byte
        WOULD_BLOCK,
        CLOSED
    };

    /// Shape: `socket` is connected, or a SecureStreamSocket attached to one; it is made non-blocking, without delay.
    explicit SocketChannel(const Poco::Net::StreamSocket& socket);

    Io read(char* buffer, std::size_t room, std::size_t& got);

    /// Writes as much as the socket takes of `parts`, in one system call where it can; never raises SIGPIPE.
    Io write(std::span<const std::string_view> parts, std::size_t& sent);

    /// Bytes that were written and that the peer's system has not taken yet; 0 where the system does not tell.
    [[nodiscard]] std::size_t unacknowledged() const noexcept;

    /// No more will be written; the peer still may.
    void shutdownSend() noexcept;

    /// Both directions; the socket stays open, so that its number is not given to another.
    void shutdown() noexcept;

    void close() noexcept;

    [[nodiscard]] bool secure() const { return _secure; }
    [[nodiscard]] const Poco::Net::StreamSocket& socket() const { return _socket; }

    /// The subject of the client's verified certificate, RFC 2253; empty if there is none.
    [[nodiscard]] std::string peerSubject() const;

private:
    Io readSecure(char* buffer, std::size_t room, std::size_t& got);
    Io writeSecure(std::span<const std::string_view> parts, std::size_t& sent);
    /// Errors: Poco::Exception. Shape: `sent` is counted up; DONE if some of `bytes` went.
    Io sendRecords(std::string_view bytes, std::size_t& sent);

    Poco::Net::StreamSocket _socket;
    bool _secure;
};

} // namespace tenon::net

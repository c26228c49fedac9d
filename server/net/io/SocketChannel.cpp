#include "net/io/SocketChannel.h"

#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SecureStreamSocketImpl.h>
#include <Poco/Net/SocketImpl.h>
#include <Poco/Net/X509Certificate.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#if defined(_WIN32)
#include <winsock2.h>
#else
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#endif
#if defined(__linux__)
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tenon::net
{

namespace
{

constexpr std::size_t MAX_PARTS = 16;
constexpr std::size_t TLS_RECORD_BYTES = 16384;

#if defined(_WIN32)

bool wouldBlock() noexcept
{
    return WSAGetLastError() == WSAEWOULDBLOCK;
}

int receive(poco_socket_t socket, char* buffer, std::size_t room) noexcept
{
    return ::recv(socket, buffer, static_cast<int>(std::min<std::size_t>(room, 1 << 30)), 0);
}

long transmit(poco_socket_t socket, std::span<const std::string_view> parts) noexcept
{
    std::array<WSABUF, MAX_PARTS> vectors;
    for (std::size_t i = 0; i < parts.size(); ++i)
        vectors[i] = {static_cast<ULONG>(parts[i].size()), const_cast<char*>(parts[i].data())};
    DWORD sent = 0;
    if (WSASend(socket, vectors.data(), static_cast<DWORD>(parts.size()), &sent, 0, nullptr, nullptr) != 0)
        return -1;
    return static_cast<long>(sent);
}

#else

bool wouldBlock() noexcept
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

#if defined(MSG_NOSIGNAL)
constexpr int FLAGS = MSG_NOSIGNAL;
#else
constexpr int FLAGS = 0;
#endif

// The library's recv and send are points at which a thread may be cancelled, which costs each of them two locked
// instructions. No thread is ever cancelled here. ThreadSanitizer gets them: it knows by them what came before.
#if defined(__linux__) && defined(SYS_recvfrom) && defined(SYS_sendto) && !defined(__SANITIZE_THREAD__)
ssize_t receiveOnce(poco_socket_t socket, char* buffer, std::size_t room) noexcept
{
    return ::syscall(SYS_recvfrom, socket, buffer, room, 0, nullptr, nullptr);
}

ssize_t sendOnce(poco_socket_t socket, std::string_view bytes) noexcept
{
    return ::syscall(SYS_sendto, socket, bytes.data(), bytes.size(), FLAGS, nullptr, 0);
}
#else
ssize_t receiveOnce(poco_socket_t socket, char* buffer, std::size_t room) noexcept
{
    return ::recv(socket, buffer, room, 0);
}

ssize_t sendOnce(poco_socket_t socket, std::string_view bytes) noexcept
{
    return ::send(socket, bytes.data(), bytes.size(), FLAGS);
}
#endif

ssize_t receive(poco_socket_t socket, char* buffer, std::size_t room) noexcept
{
    ssize_t got;
    do
        got = receiveOnce(socket, buffer, room);
    while (got < 0 && errno == EINTR);
    return got;
}

ssize_t transmit(poco_socket_t socket, std::span<const std::string_view> parts) noexcept
{
    if (parts.size() == 1)
    {
        ssize_t sent;
        do
            sent = sendOnce(socket, parts.front());
        while (sent < 0 && errno == EINTR);
        return sent;
    }
    std::array<iovec, MAX_PARTS> vectors;
    for (std::size_t i = 0; i < parts.size(); ++i)
        vectors[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = parts.size();
    ssize_t sent;
    do
        sent = ::sendmsg(socket, &message, FLAGS);
    while (sent < 0 && errno == EINTR);
    return sent;
}

#endif

/// Errors that other connections have left on this thread, which OpenSSL would take for this one's. Asking first costs a
/// tenth of clearing.
void forgetErrors()
{
    if (ERR_peek_error() != 0)
        ERR_clear_error();
}

} // namespace

SocketChannel::SocketChannel(const Poco::Net::StreamSocket& socket) : _socket(socket), _secure(socket.secure())
{
    _socket.setBlocking(false);
    _socket.setNoDelay(true);
#if defined(SO_NOSIGPIPE)
    _socket.setOption(SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
}

SocketChannel::Io SocketChannel::read(char* buffer, std::size_t room, std::size_t& got)
{
    got = 0;
    if (_secure)
        return readSecure(buffer, room, got);
    const auto result = receive(_socket.impl()->sockfd(), buffer, room);
    if (result > 0)
    {
        got = static_cast<std::size_t>(result);
        return Io::DONE;
    }
    return result < 0 && wouldBlock() ? Io::WOULD_BLOCK : Io::CLOSED;
}

SocketChannel::Io SocketChannel::write(std::span<const std::string_view> parts, std::size_t& sent)
{
    sent = 0;
    parts = parts.first(std::min(parts.size(), MAX_PARTS));
    if (_secure)
        return writeSecure(parts, sent);
    const auto result = transmit(_socket.impl()->sockfd(), parts);
    if (result >= 0)
    {
        sent = static_cast<std::size_t>(result);
        return Io::DONE;
    }
    return wouldBlock() ? Io::WOULD_BLOCK : Io::CLOSED;
}

SocketChannel::Io SocketChannel::readSecure(char* buffer, std::size_t room, std::size_t& got)
{
    forgetErrors();
    try
    {
        const int result = _socket.impl()->receiveBytes(buffer, static_cast<int>(room), 0);
        if (result > 0)
        {
            got = static_cast<std::size_t>(result);
            return Io::DONE;
        }
        return result < 0 ? Io::WOULD_BLOCK : Io::CLOSED;
    }
    catch (const Poco::Exception&)
    {
        return Io::CLOSED; // whatever is wrong with a TLS connection, it cannot be used any more
    }
}

SocketChannel::Io SocketChannel::writeSecure(std::span<const std::string_view> parts, std::size_t& sent)
{
    forgetErrors();
    try
    {
        if (parts.size() == 1)
            return sendRecords(parts.front(), sent);
        // One record for head and body: TLS has no gathering write, and a record has a cost.
        std::array<char, TLS_RECORD_BYTES> record;
        std::size_t part = 0, offset = 0;
        while (part < parts.size())
        {
            std::size_t filled = 0;
            while (part < parts.size() && filled < record.size())
            {
                const std::size_t take = std::min(parts[part].size() - offset, record.size() - filled);
                std::copy_n(parts[part].data() + offset, take, record.data() + filled);
                filled += take;
                offset += take;
                if (offset == parts[part].size())
                {
                    ++part;
                    offset = 0;
                }
            }
            const std::size_t before = sent;
            sendRecords({record.data(), filled}, sent);
            if (sent - before < filled)
                return sent > 0 ? Io::DONE : Io::WOULD_BLOCK;
        }
        return Io::DONE;
    }
    catch (const Poco::Exception&)
    {
        return Io::CLOSED;
    }
}

SocketChannel::Io SocketChannel::sendRecords(std::string_view bytes, std::size_t& sent)
{
    constexpr std::size_t MOST = 1 << 30; // POCO counts in int
    std::size_t written = 0;
    while (written < bytes.size())
    {
        const int result = _socket.impl()->sendBytes(bytes.data() + written,
                                                     static_cast<int>(std::min(bytes.size() - written, MOST)), 0);
        if (result <= 0)
            return written > 0 ? Io::DONE : Io::WOULD_BLOCK;
        written += static_cast<std::size_t>(result);
        sent += static_cast<std::size_t>(result);
    }
    return Io::DONE;
}

std::size_t SocketChannel::unacknowledged() const noexcept
{
#if defined(__linux__)
    int bytes = 0;
    return ::ioctl(_socket.impl()->sockfd(), SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
#else
    return 0;
#endif
}

void SocketChannel::shutdownSend() noexcept
{
    try
    {
        _socket.shutdownSend();
    }
    catch (const Poco::Exception&)
    {
        return; // the peer was faster
    }
}

void SocketChannel::shutdown() noexcept
{
#if defined(_WIN32)
    ::shutdown(_socket.impl()->sockfd(), SD_BOTH);
#else
    ::shutdown(_socket.impl()->sockfd(), SHUT_RDWR);
#endif
}

void SocketChannel::close() noexcept
{
    try
    {
        _socket.close();
    }
    catch (const Poco::Exception&)
    {
        return; // closing a broken TLS connection complains; the descriptor is gone all the same
    }
}

std::string SocketChannel::peerSubject() const
{
    if (!_secure)
        return {};
    try
    {
        const Poco::Net::SecureStreamSocket secure(_socket);
        if (!secure.havePeerCertificate())
            return {};
        const Poco::Net::X509Certificate certificate = secure.peerCertificate();
        BIO* memory = BIO_new(BIO_s_mem());
        if (memory == nullptr)
            return {};
        X509_NAME_print_ex(memory, X509_get_subject_name(certificate.certificate()), 0, XN_FLAG_RFC2253);
        char* text = nullptr;
        const long size = BIO_get_mem_data(memory, &text);
        std::string subject(text, static_cast<std::size_t>(std::max(size, 0L)));
        BIO_free(memory);
        return subject;
    }
    catch (const Poco::Exception&)
    {
        return {};
    }
}

} // namespace tenon::net

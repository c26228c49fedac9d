#include "attack/Hostile.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <netinet/in.h>
#include <poll.h>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tenon::tests
{

namespace
{

using Clock = std::chrono::steady_clock;

constexpr std::size_t THREADS = 2;
constexpr auto PAUSE = std::chrono::milliseconds(100); // before a peer that was cut off comes again
constexpr auto DRIP = std::chrono::seconds(1);
constexpr std::size_t TURN_BYTES = 65536; // what a peer sends or reads before it is another's turn

} // namespace

struct Hostile::Peer
{
    const Manner* manner = nullptr;
    int socket = -1;
    Clock::time_point next;   ///< of a drip, or of the next connection
    std::string_view sending; ///< the manner's, or `own`
    std::string own;
    std::size_t sent = 0;
    std::string head; ///< of the first answer, as far as it has come
    bool followed = false;

    void close()
    {
        if (socket >= 0)
            ::close(socket);
        socket = -1;
        next = Clock::now() + PAUSE;
    }
};

Hostile::Hostile(std::uint16_t port, std::vector<Manner> manners, std::size_t count, unsigned addresses, int nice)
    : _port(port), _manners(std::move(manners)), _addresses(addresses), _nice(nice)
{
    for (std::size_t thread = 0; thread < THREADS; ++thread)
        _threads.emplace_back([this, thread, count] { run(thread * count / THREADS, count / THREADS); });
}

Hostile::~Hostile()
{
    _ending = true;
    for (auto& thread : _threads)
        thread.join();
}

bool Hostile::connect(Peer& peer, std::size_t number)
{
    peer.sending = peer.manner->opening;
    peer.sent = 0;
    peer.head.clear();
    peer.followed = !peer.manner->follow;
    peer.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in own{}, server{};
    own.sin_family = server.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(0x7F010001 + static_cast<unsigned>(number) % _addresses);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.sin_port = htons(_port);
    // So that what is not read waits at the server; and what is not sent, with peers that are elsewhere, is not this
    // machine's either.
    const int small = 4096;
    (void)::setsockopt(peer.socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    (void)::setsockopt(peer.socket, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    if (::bind(peer.socket, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
        (::connect(peer.socket, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 &&
         errno != EINPROGRESS))
    {
        peer.close();
        return false;
    }
    ++_connections;
    return true;
}

/// One turn of a peer; false if its connection has ended.
bool Hostile::act(Peer& peer)
{
    char buffer[TURN_BYTES];
    const Manner& manner = *peer.manner;
    const bool due = Clock::now() >= peer.next;
    if (!peer.followed || manner.reading == Manner::Reading::WHOLLY ||
        (manner.reading == Manner::Reading::SLOWLY && due))
    {
        const std::size_t most = manner.reading == Manner::Reading::SLOWLY && peer.followed ? 16 : sizeof buffer;
        const auto got = ::recv(peer.socket, buffer, most, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN))
            return false;
        if (got > 0)
            _received += static_cast<std::uint64_t>(got);
        if (got > 0 && !peer.followed)
        {
            peer.head.append(buffer, static_cast<std::size_t>(got));
            if (peer.head.find("\r\n\r\n") != std::string::npos)
            {
                peer.followed = true;
                peer.own = manner.follow(peer.head);
                peer.sending = peer.own;
                peer.sent = 0;
            }
        }
    }
    if (manner.drips && !due)
        return true;
    if (due)
        peer.next = Clock::now() + DRIP;
    if (peer.sent == peer.sending.size() && peer.followed && !manner.repetition.empty())
    {
        peer.sending = manner.repetition;
        peer.sent = 0;
    }
    if (peer.sent == peer.sending.size())
    {
        // What the server closed says so when it is asked.
        const auto got = ::recv(peer.socket, buffer, 1, MSG_PEEK);
        return got > 0 || (got < 0 && errno == EAGAIN);
    }
    const std::size_t most = manner.drips ? 1 : TURN_BYTES;
    const auto sent = ::send(peer.socket, peer.sending.data() + peer.sent,
                             std::min(most, peer.sending.size() - peer.sent), MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN || errno == ENOTCONN;
    peer.sent += static_cast<std::size_t>(sent);
    _sent += static_cast<std::uint64_t>(sent);
    return true;
}

void Hostile::run(std::size_t first, std::size_t count)
{
    (void)::setpriority(PRIO_PROCESS, 0, _nice);
    std::vector<Peer> peers(count);
    std::vector<pollfd> polled(count);
    for (std::size_t index = 0; index < count; ++index)
        peers[index].manner = &_manners[(first + index) % _manners.size()];
    while (!_ending)
    {
        const auto now = Clock::now();
        for (std::size_t index = 0; index < count; ++index)
        {
            Peer& peer = peers[index];
            if (peer.socket < 0 && now >= peer.next)
                (void)connect(peer, first + index);
            const bool writes = peer.sent < peer.sending.size() || !peer.manner->repetition.empty();
            const bool reads = !peer.followed || peer.manner->reading == Manner::Reading::WHOLLY;
            const bool waits =
                (peer.manner->drips || peer.manner->reading == Manner::Reading::SLOWLY) && now < peer.next;
            polled[index].fd = waits ? -1 : peer.socket;
            polled[index].events = static_cast<short>((writes && !waits ? POLLOUT : 0) | (reads ? POLLIN : 0));
        }
        if (::poll(polled.data(), polled.size(), 20) <= 0)
            continue;
        for (std::size_t index = 0; index < count && !_ending; ++index)
            if (polled[index].fd >= 0 && polled[index].revents != 0 && !act(peers[index]))
                peers[index].close();
    }
    for (auto& peer : peers)
        peer.close();
}

void allowManyDescriptors()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

} // namespace tenon::tests

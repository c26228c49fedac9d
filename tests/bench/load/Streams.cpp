#include "Client.h"
#include "Commands.h"
#include "Process.h"

#include <chrono>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace bench
{

namespace
{

/// Sends one broadcast and waits until every stream has all of it; milliseconds between the first and the last byte.
double broadcast(std::uint16_t port, const std::vector<int>& sockets, int poll)
{
    Client client(port);
    const std::string text(120, 'x');
    const std::string body =
        R"({"message":{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":")" + text +
        "\"}}}";
    client.send("POST /broadcast HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);

    std::vector<bool> done(sockets.size());
    std::size_t remaining = sockets.size();
    std::chrono::steady_clock::time_point first, last;
    char buffer[65536];
    epoll_event events[512];
    while (remaining > 0)
    {
        const int count = ::epoll_wait(poll, events, 512, 10000);
        if (count <= 0)
            throw std::runtime_error(std::to_string(remaining) + " streams got no broadcast");
        if (remaining == sockets.size())
            first = std::chrono::steady_clock::now();
        for (int i = 0; i < count; ++i)
        {
            const auto index = static_cast<std::size_t>(events[i].data.u32);
            const ssize_t size = ::recv(sockets[index], buffer, sizeof buffer, MSG_DONTWAIT);
            if (size == 0)
                throw std::runtime_error("a stream was closed");
            if (size > 0 && !done[index] &&
                std::string_view(buffer, static_cast<std::size_t>(size)).find(text) != std::string_view::npos)
            {
                done[index] = true;
                --remaining;
            }
        }
        last = std::chrono::steady_clock::now();
    }
    return std::chrono::duration<double, std::milli>(last - first).count();
}

} // namespace

/// PORT PID COUNT: opens sessions, each with an idle event stream; says what they cost, then "open" and waits for its
/// standard input to end, so that others can measure with the streams open.
void streams(const Arguments& arguments)
{
    const auto port = static_cast<std::uint16_t>(std::stoi(arguments.at(0)));
    const int pid = std::stoi(arguments.at(1));
    const auto count = static_cast<std::size_t>(std::stoi(arguments.at(2)));
    const rlimit limit{count + 100, count + 100};
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        throw std::runtime_error("not allowed so many descriptors");

    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<int> sockets;
    Client control(port);
    const Usage before = usageOf(pid);
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i)
    {
        const Session session(control);
        Client client(port);
        const auto reply = client.exchange(session.stream());
        if (reply.status != 200)
            throw std::runtime_error("no stream: " + std::string(reply.head));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u32 = static_cast<std::uint32_t>(i);
        ::epoll_ctl(poll, EPOLL_CTL_ADD, client.descriptor(), &event);
        sockets.push_back(client.release());
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::this_thread::sleep_for(std::chrono::seconds(2));
    const Usage after = usageOf(pid);
    std::printf("opened_per_second %.0f\nthreads %ld\nbytes_per_stream %.0f\n", static_cast<double>(count) / seconds,
                after.threads,
                static_cast<double>(after.residentKb - before.residentKb) * 1024 / static_cast<double>(count));
    std::vector<double> times;
    for (int i = 0; i < 5; ++i)
        times.push_back(broadcast(port, sockets, poll));
    std::printf("broadcast_ms %.1f\nbroadcast_max_ms %.1f\nopen\n", quantile(times, 0.5), quantile(times, 1.0));
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);)
    {
    }
    for (const int socket : sockets)
        ::close(socket);
}

} // namespace bench

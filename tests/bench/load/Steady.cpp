#include "Client.h"
#include "Commands.h"
#include "Process.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace bench
{

namespace
{

using Clock = std::chrono::steady_clock;

double msSince(Clock::time_point began)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

/// The event stream of one HTTP+SSE session.
struct Stream
{
    int socket = -1;
    std::string path; ///< for its messages
    std::string text; ///< received, not yet looked at

    /// Receives what is there; false if the server has closed.
    bool receive()
    {
        char buffer[16384];
        const ssize_t size = ::recv(socket, buffer, sizeof buffer, MSG_DONTWAIT);
        if (size > 0)
            text.append(buffer, static_cast<std::size_t>(size));
        return size != 0;
    }

    /// The data of the next whole event; empty if there is none yet.
    std::string next()
    {
        const auto end = text.find("\n\n");
        if (end == std::string::npos)
            return {};
        const std::string event = text.substr(0, end);
        text.erase(0, end + 2);
        const auto data = event.find("data: ");
        return data == std::string::npos ? " " : event.substr(data + 6);
    }
};

/// Opens a stream and waits for its welcome and for the answer to `initialize`.
Stream open(std::uint16_t port, Client& poster)
{
    Client client(port);
    client.send("GET /sse HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n");
    Stream stream; // the head of the answer and the frames of chunks are passed over like what else is no data
    stream.socket = client.release();
    const auto until = Clock::now() + std::chrono::seconds(10);
    const auto await = [&]
    {
        for (;;)
        {
            if (std::string data = stream.next(); data.size() > 1)
                return data;
            if (!stream.receive() || Clock::now() > until)
                throw std::runtime_error("a stream says nothing");
            ::usleep(200);
        }
    };
    stream.path = await();
    const std::string body =
        R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2024-11-05",)"
        R"("capabilities":{},"clientInfo":{"name":"bench","version":"1"}}})";
    (void)poster.exchange("POST " + stream.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
                          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    (void)await();
    return stream;
}

} // namespace

/// PORT PID STREAMS PER_MINUTE SECONDS: so many HTTP+SSE clients, and so many calls of `echo` a minute over all of
/// them, one after the other on each.
void steady(const Arguments& arguments)
{
    const auto port = static_cast<std::uint16_t>(std::stoi(arguments.at(0)));
    const int pid = std::stoi(arguments.at(1));
    const auto count = static_cast<std::size_t>(std::stoi(arguments.at(2)));
    const double perMinute = std::stod(arguments.at(3));
    const double seconds = std::stod(arguments.at(4));

    Client poster(port);
    (void)open(port, poster); // what the first costs is no session's
    const Usage before = usageOf(pid);
    std::vector<Stream> streams;
    std::vector<double> opening;
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    for (std::size_t index = 0; index < count; ++index)
    {
        const auto began = Clock::now();
        streams.push_back(open(port, poster));
        opening.push_back(msSince(began));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u32 = static_cast<std::uint32_t>(index);
        ::epoll_ctl(poll, EPOLL_CTL_ADD, streams.back().socket, &event);
    }
    const Usage opened = usageOf(pid);

    std::map<std::string, Clock::time_point> waiting; // by the answer's id
    std::vector<double> latencies;
    std::size_t errors = 0;
    const auto look = [&](int ms)
    {
        epoll_event events[64];
        const int ready = ::epoll_wait(poll, events, 64, ms);
        for (int at = 0; at < ready; ++at)
        {
            Stream& stream = streams[events[at].data.u32];
            if (!stream.receive())
                throw std::runtime_error("a stream was closed");
            for (std::string data = stream.next(); !data.empty(); data = stream.next())
            {
                const auto id = data.find("\"id\":");
                if (id == std::string::npos)
                    continue;
                const auto asked = waiting.find(data.substr(id + 5, data.find_first_of(",}", id) - id - 5));
                if (asked == waiting.end())
                    continue;
                latencies.push_back(msSince(asked->second));
                errors += data.find("\"result\"") == std::string::npos ? 1 : 0;
                waiting.erase(asked);
            }
        }
    };

    const auto total = static_cast<std::size_t>(perMinute * seconds / 60);
    const auto began = Clock::now();
    for (std::size_t sent = 0; sent < total; ++sent)
    {
        const double due = static_cast<double>(sent) * 60000 / perMinute;
        for (double left = due - msSince(began); left > 0; left = due - msSince(began))
            look(std::max(1, static_cast<int>(left)));
        const std::string id = std::to_string(sent + 1);
        const std::string body = R"({"jsonrpc":"2.0","id":)" + id +
                                 R"(,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}})";
        waiting[id] = Clock::now();
        const auto reply = poster.exchange("POST " + streams[sent % count].path +
                                           " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
                                           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        if (reply.status != 202)
        {
            ++errors;
            waiting.erase(id);
        }
    }
    const auto last = Clock::now();
    while (!waiting.empty() && msSince(last) < 10000)
        look(100);
    errors += waiting.size();
    const Usage after = usageOf(pid);
    if (latencies.empty())
        throw std::runtime_error("no call was answered");
    std::printf("streams %zu\nseconds %.0f\nrequests %zu\n", count, std::chrono::duration<double>(last - began).count(),
                total);
    std::printf("error_rate_percent %.3f\n",
                total ? 100.0 * static_cast<double>(errors) / static_cast<double>(total) : 0);
    std::printf("open_median_ms %.2f\nlatency_p50_ms %.2f\nlatency_p99_ms %.2f\nlatency_max_ms %.2f\n",
                quantile(opening, 0.5), quantile(latencies, 0.5), quantile(latencies, 0.99), quantile(latencies, 1));
    std::printf("memory_per_session_kb %.2f\nmemory_growth_under_load_kb %ld\n",
                static_cast<double>(opened.residentKb - before.residentKb) / static_cast<double>(count),
                static_cast<long>(after.residentKb - opened.residentKb));
    for (const Stream& stream : streams)
        ::close(stream.socket);
    ::close(poll);
}

} // namespace bench

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tenon::tests
{

/// Clients that call a good tool, each again and again on a connection of its own, and notice whatever is not as it
/// should be.
///
/// Threading: one thread.
class Crowd
{
public:
    /// Shape: every client calls `echo` of the fixture of that name.
    Crowd(std::uint16_t port, std::size_t clients);
    ~Crowd();
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    /// Waits until every client has made some more calls, and fails the running test if one of those, or of those since
    /// the last time, was not answered as it should be, or took longer than `longest`, or `SLOWER` times as long.
    void assertContent(const std::string& meanwhile, std::chrono::milliseconds longest = std::chrono::seconds(3));

    [[nodiscard]] std::uint64_t calls() const;

    /// How long the calls took since the last `forgetTimes`, for people: how many, the 50th and 99th percentile, the longest.
    [[nodiscard]] std::string times() const;
    /// The 99th percentile of that. Units: milliseconds.
    [[nodiscard]] double p99Ms() const;
    void forgetTimes();

private:
    struct Client
    {
        std::thread thread;
        std::atomic<std::uint64_t> calls{0};
    };

    void run(Client& client);
    void complain(const std::string& what);
    void note(std::int64_t tookUs);
    [[nodiscard]] std::vector<std::uint32_t> sortedUs() const;

    const std::uint16_t _port;
    std::atomic<bool> _ending{false};
    std::atomic<std::int64_t> _longestMs{0};
    std::vector<std::unique_ptr<Client>> _clients;

    mutable std::mutex _mutex; // guards all below
    std::string _complaint;
    std::vector<std::uint32_t> _tookUs;
};

} // namespace tenon::tests

#include "Client.h"
#include "Commands.h"
#include "Process.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <thread>

namespace bench
{

namespace
{

double millisecondsSince(std::chrono::steady_clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace

/// PORT COUNT modern|legacy: exactly so many calls of `echo`, one after the other on one connection.
void calls(const Arguments& arguments)
{
    Client client(static_cast<std::uint16_t>(std::stoi(arguments.at(0))));
    const int count = std::stoi(arguments.at(1));
    const std::string request = arguments.at(2) == "modern" ? modernCall("echo", R"({"text":"0123456789"})")
                                                            : Session(client).call("echo", R"({"text":"0123456789"})");
    std::vector<double> latencies;
    for (int i = 0; i < count; ++i)
    {
        const auto begin = std::chrono::steady_clock::now();
        if (client.exchange(request).status != 200)
            throw std::runtime_error("a call failed");
        latencies.push_back(millisecondsSince(begin) * 1000);
    }
    std::printf("p50_us %.1f\np99_us %.1f\n", quantile(latencies, 0.5), quantile(latencies, 0.99));
}

/// PORT CALLS: so many calls of `sleep` that each hold a thread for a minute; how long /health takes meanwhile.
void blocked(const Arguments& arguments)
{
    const auto port = static_cast<std::uint16_t>(std::stoi(arguments.at(0)));
    const int count = std::stoi(arguments.at(1));
    std::vector<std::unique_ptr<Client>> sleepers;
    for (int i = 0; i < count; ++i)
    {
        sleepers.push_back(std::make_unique<Client>(port));
        sleepers.back()->send(modernCall("sleep", R"({"ms":60000})"));
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
    std::vector<double> latencies;
    for (int i = 0; i < 200; ++i)
    {
        const auto begin = std::chrono::steady_clock::now();
        Client client(port);
        if (client.exchange("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").status != 200)
            throw std::runtime_error("not healthy");
        latencies.push_back(millisecondsSince(begin));
    }
    std::printf("health_p50_ms %.2f\nhealth_max_ms %.2f\n", quantile(latencies, 0.5), quantile(latencies, 1.0));
}

} // namespace bench

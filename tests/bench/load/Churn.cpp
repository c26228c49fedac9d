#include "Client.h"
#include "Commands.h"
#include "Process.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace bench
{

/// PORT USERS SECONDS TOOL ARGUMENTS: every user opens a session, calls the tool once and deletes the session, again and
/// again, on a connection of its own. The shape of the TM Dev Lab benchmark.
void churn(const Arguments& arguments)
{
    const auto port = static_cast<std::uint16_t>(std::stoi(arguments.at(0)));
    const int users = std::stoi(arguments.at(1));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(std::stoi(arguments.at(2)));
    std::mutex mutex;
    std::vector<double> latencies; // of one tools/call, in milliseconds
    std::atomic<long> sessions{0}, errors{0};

    std::vector<std::thread> threads;
    for (int i = 0; i < users; ++i)
    {
        threads.emplace_back(
            [&]
            {
                std::vector<double> own;
                try
                {
                    Client client(port);
                    while (std::chrono::steady_clock::now() < until)
                    {
                        const Session session(client);
                        const auto begin = std::chrono::steady_clock::now();
                        const bool good = client.exchange(session.call(arguments.at(3), arguments.at(4))).status == 200;
                        own.push_back(
                            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                                .count());
                        const int status = client.exchange(session.end()).status;
                        (good && status >= 200 && status < 300 ? sessions : errors)++;
                    }
                }
                catch (const std::exception& exc)
                {
                    std::fprintf(stderr, "%s\n", exc.what());
                    ++errors;
                }
                const std::lock_guard lock(mutex);
                latencies.insert(latencies.end(), own.begin(), own.end());
            });
    }
    for (std::thread& thread : threads)
        thread.join();
    std::printf("sessions_per_second %.0f\nerrors %ld\ncall_p50_ms %.3f\ncall_p99_ms %.3f\n",
                static_cast<double>(sessions.load()) / std::stod(arguments.at(2)), errors.load(),
                quantile(latencies, 0.5), quantile(latencies, 0.99));
}

} // namespace bench

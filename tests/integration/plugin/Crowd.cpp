#include "integration/plugin/Crowd.h"

#include "support/Mcp.h"
#include "support/Sanitizer.h"

#include <Poco/Exception.h>
#include <cppunit/Exception.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

namespace tenon::tests
{

namespace
{

using Clock = std::chrono::steady_clock;

constexpr auto BETWEEN_CALLS = std::chrono::milliseconds(5); // twenty clients leave the machine to others, too
constexpr std::uint64_t CALLS_EACH = 5;
constexpr std::size_t MOST_NOTED = 4'000'000;

} // namespace

Crowd::Crowd(std::uint16_t port, std::size_t clients) : _port(port)
{
    for (std::size_t count = 0; count < clients; ++count)
    {
        _clients.push_back(std::make_unique<Client>());
        Client& client = *_clients.back();
        client.thread = std::thread([this, &client] { run(client); });
    }
}

Crowd::~Crowd()
{
    _ending = true;
    for (const auto& client : _clients)
        client->thread.join();
}

void Crowd::run(Client& client)
{
    try
    {
        RawConnection connection(_port);
        while (!_ending)
        {
            const std::string text = "call " + std::to_string(client.calls);
            const auto begin = Clock::now();
            connection.send(
                request("POST", "/mcp", modernHeaders("tools/call", "echo"),
                        modernBody("1", "tools/call", R"("name":"echo","arguments":{"text":")" + text + "\"}")));
            const HttpReply reply = connection.receive();
            const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count();
            const auto elapsed = took / 1000;
            note(took);
            if (reply.status != 200 || toolText(reply.body) != text)
                complain(std::to_string(reply.status) + " " + reply.body);
            for (auto longest = _longestMs.load(); longest < elapsed;)
                if (_longestMs.compare_exchange_weak(longest, elapsed))
                    break;
            ++client.calls;
            std::this_thread::sleep_for(BETWEEN_CALLS);
        }
    }
    catch (const Poco::Exception& exc)
    {
        complain(exc.displayText());
    }
    catch (const std::exception& exc)
    {
        complain(exc.what());
    }
}

void Crowd::note(std::int64_t tookUs)
{
    const std::lock_guard lock(_mutex);
    if (_tookUs.size() < MOST_NOTED)
        _tookUs.push_back(static_cast<std::uint32_t>(tookUs));
}

void Crowd::forgetTimes()
{
    const std::lock_guard lock(_mutex);
    _tookUs.clear();
}

std::vector<std::uint32_t> Crowd::sortedUs() const
{
    std::vector<std::uint32_t> sorted;
    {
        const std::lock_guard lock(_mutex);
        sorted = _tookUs;
    }
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

double Crowd::p99Ms() const
{
    const auto sorted = sortedUs();
    return sorted.empty() ? 0 : sorted[(sorted.size() - 1) * 99 / 100] / 1000.0;
}

std::string Crowd::times() const
{
    const auto sorted = sortedUs();
    if (sorted.empty())
        return "no calls";
    const auto at = [&](std::size_t percent)
    { return std::to_string(sorted[(sorted.size() - 1) * percent / 100] / 1000.0).substr(0, 5) + " ms"; };
    return std::to_string(sorted.size()) + " calls, p50 " + at(50) + ", p99 " + at(99) + ", longest " + at(100);
}

void Crowd::complain(const std::string& what)
{
    const std::lock_guard lock(_mutex);
    if (_complaint.empty())
        _complaint = what;
}

std::uint64_t Crowd::calls() const
{
    std::uint64_t sum = 0;
    for (const auto& client : _clients)
        sum += client->calls;
    return sum;
}

void Crowd::assertContent(const std::string& meanwhile, std::chrono::milliseconds longest)
{
    const auto complaint = [this]
    {
        const std::lock_guard lock(_mutex);
        return _complaint;
    };
    const auto until = Clock::now() + std::chrono::seconds(20) * SLOWER;
    for (const auto& client : _clients)
        for (const std::uint64_t enough = client->calls + CALLS_EACH; client->calls < enough && complaint().empty();)
        {
            CPPUNIT_ASSERT_MESSAGE("while " + meanwhile + " a client waits", Clock::now() < until);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    CPPUNIT_ASSERT_EQUAL_MESSAGE("while " + meanwhile + " a client got", std::string(), complaint());
    const auto took = _longestMs.exchange(0);
    CPPUNIT_ASSERT_MESSAGE("while " + meanwhile + " a call took " + std::to_string(took) + " ms",
                           took <= (longest * SLOWER).count());
}

} // namespace tenon::tests

#include "FrontFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Exception.h>

#include <atomic>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <thread>
#include <vector>

using namespace tenon;
using namespace tenon::tests;

namespace
{

std::size_t descriptors()
{
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        ++count;
    return count;
}

std::size_t tasks()
{
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task"))
        ++count;
    return count;
}

int fromEnvironment(const char* name, int otherwise)
{
    const char* value = std::getenv(name);
    return value != nullptr ? std::atoi(value) : otherwise;
}

/// One of many clients that do as they please.
class Vandal
{
public:
    Vandal(std::uint16_t port, unsigned seed) : _port(port), _random(seed) {}

    void act()
    {
        try
        {
            if (!_connection)
                _connection = std::make_unique<RawConnection>(_port);
            _connection->setTimeout(std::chrono::milliseconds(20));
            step(_random() % 12);
        }
        catch (const Poco::Exception&)
        {
            _connection.reset(); // closed on us, as may be expected
        }
    }

private:
    void step(unsigned what)
    {
        static const char* const BODIES[] = {"fixed", "echo", "later", "progress", "notify", "nonsense", "big"};
        const std::string body = BODIES[_random() % 7];
        switch (what)
        {
        case 0: // half a request, then silence
        case 1:
        {
            const std::string text = post(body);
            _connection->send(text.substr(0, _random() % text.size()));
            break;
        }
        case 2: // noise
        {
            std::string noise(_random() % 500 + 1, '\0');
            for (char& c : noise)
                c = static_cast<char>(_random());
            _connection->send(noise);
            break;
        }
        case 3: // many at once, not waiting for answers
            for (int i = 0; i < 20; ++i)
                _connection->send(post(body));
            break;
        case 4:
            _connection->reset();
            _connection.reset();
            break;
        case 5:
            _connection.reset();
            break;
        case 6:
            _connection->shutdownSend();
            break;
        case 7:
            _connection->send(getStream("/mcp", {{"Mcp-Session-Id", "session-1"}}));
            break;
        case 8:
            _connection->send(getStream("/sse"));
            break;
        case 9:
            _connection->send(request("POST", "/mcp",
                                      {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}},
                                      "5\r\nfixed\r\n" + std::string(_random() % 2 ? "0\r\n\r\n" : "zz")));
            break;
        default:
            _connection->send(post(body));
            (void)_connection->receive();
            break;
        }
    }

    const std::uint16_t _port;
    std::minstd_rand _random;
    std::unique_ptr<RawConnection> _connection;
};

} // namespace

/// TENON_TORTURE_CLIENTS and TENON_TORTURE_SECONDS set the size; by default it is small enough for every run.
class TortureTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TortureTest);
    CPPUNIT_TEST(aWellBehavedClientIsServedAmongVandals);
    CPPUNIT_TEST_SUITE_END();

public:
    void aWellBehavedClientIsServedAmongVandals()
    {
        const int clients = fromEnvironment("TENON_TORTURE_CLIENTS", 200);
        const auto seconds = std::chrono::seconds(fromEnvironment("TENON_TORTURE_SECONDS", 5));
        std::thread([] {}).join(); // with the first thread ThreadSanitizer starts one of its own
        const std::size_t tasksBefore = tasks(), descriptorsBefore = descriptors();
        {
            FrontFixture fixture(FrontFixture::Settings{{"timeouts.headMs", "1000"},
                                                        {"timeouts.bodyMs", "1000"},
                                                        {"timeouts.heartbeatMs", "500"},
                                                        {"http.keepAliveMs", "10000"},
                                                        {"limits.streamQueueBytes", "100000"}});
            std::atomic<bool> over{false};
            std::vector<std::jthread> threads; // joined whatever fails below
            const auto ending = std::shared_ptr<void>(nullptr, [&over](void*) { over = true; });
            for (unsigned thread = 0; thread < 4; ++thread)
                threads.emplace_back(
                    [&, thread]
                    {
                        std::deque<Vandal> vandals;
                        for (int i = 0; i < clients / 4; ++i)
                            vandals.emplace_back(fixture.port(), thread * 100000 + static_cast<unsigned>(i) + 1);
                        while (!over)
                            for (Vandal& vandal : vandals)
                                if (!over)
                                    vandal.act();
                    });
            const auto until = std::chrono::steady_clock::now() + seconds;
            int served = 0;
            RawConnection good(fixture.port());
            while (std::chrono::steady_clock::now() < until)
            {
                const std::string body = "echo " + std::to_string(served);
                good.send(post(body));
                CPPUNIT_ASSERT_EQUAL(body, good.receive().body);
                if (++served % 50 == 0)
                {
                    const auto event = std::make_shared<const std::string>("{}");
                    const std::lock_guard lock(fixture.services.mutex);
                    for (const auto& sink : fixture.services.kept)
                        sink->send(event, "");
                    std::erase_if(fixture.services.kept, [](const auto& sink) { return sink->closed(); });
                }
                if (served % 20 == 0)
                    CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", "/health").status);
            }
            over = true;
            threads.clear();
            CPPUNIT_ASSERT(served > 20);
            good.send(post("fixed"));
            CPPUNIT_ASSERT(isFixed(good.receive()));
            CPPUNIT_ASSERT(eventually([&] { return fixture.front->connections() <= 1; }));
            CPPUNIT_ASSERT_EQUAL(std::int64_t(0), fixture.metrics.gauge("sse_connections_active", "").value());
        }
        CPPUNIT_ASSERT(eventually([&] { return tasks() == tasksBefore; })); // a joined thread lingers in the system
        CPPUNIT_ASSERT_EQUAL(descriptorsBefore, descriptors());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TortureTest);

#include "attack/Hostile.h"
#include "attack/Vitals.h"
#include "integration/plugin/Crowd.h"
#include "support/Mcp.h"
#include "support/Sanitizer.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

using namespace tenon::tests;

namespace
{

using Clock = std::chrono::steady_clock;

constexpr std::size_t PEERS = 2000;
constexpr std::size_t MEMORY_MB = 256;
constexpr long MOST_RESIDENT_KB = 400 * 1024;

std::string times(std::size_t count, const std::string& text)
{
    std::string all;
    for (std::size_t index = 0; index < count; ++index)
        all += text;
    return all;
}

std::string post(const std::string& method, const std::string& name, const std::string& body,
                 const std::string& accept = "application/json, text/event-stream")
{
    auto headers = modernHeaders(method, name);
    headers["Accept"] = accept;
    return request("POST", "/mcp", headers, body);
}

std::string echoOf(std::size_t bytes, const std::string& accept = "application/json, text/event-stream")
{
    return post(
        "tools/call", "echo",
        modernBody("1", "tools/call", R"("name":"echo","arguments":{"text":")" + std::string(bytes, 'x') + "\"}"),
        accept);
}

std::string task(const std::string& name)
{
    return post("tools/call", name,
                R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + name +
                    R"(","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                    R"("io.modelcontextprotocol/clientInfo":{"name":"attack","version":"1"},)"
                    R"("io.modelcontextprotocol/clientCapabilities":)"
                    R"({"extensions":{"io.modelcontextprotocol/tasks":{}}}}}})");
}

std::string listen()
{
    std::string uris;
    for (int number = 0; number < 1000; ++number)
        uris +=
            (number ? ",\"" : "\"") + std::string("echo://") + std::string(1000, 'x') + std::to_string(number) + '"';
    return post("subscriptions/listen", {},
                modernBody("1", "subscriptions/listen",
                           R"("notifications":{"toolsListChanged":true,"resourceSubscriptions":[)" + uris + "]}"));
}

std::string initialize()
{
    return request("POST", "/mcp",
                   {{"Content-Type", "application/json"}, {"Accept", "application/json, text/event-stream"}},
                   legacyBody("1", "initialize",
                              R"("protocolVersion":"2025-11-25","capabilities":{},)"
                              R"("clientInfo":{"name":"attack","version":"1"})"));
}

/// Where the machine is also busy with other tests, how long calls take says nothing, and pages of the program that are
/// read for the first time outweigh what is kept: these are judged in the long form.
bool isLong()
{
    return std::getenv("TENON_ATTACK_SECONDS") != nullptr;
}

/// A stream of the session that the answer named, and calls whose answers are kept for it.
std::string useSession(const std::string& head)
{
    const auto at = head.find("Mcp-Session-Id: ");
    if (at == std::string::npos)
        return {};
    const std::string id = head.substr(at + 16, head.find('\r', at) - at - 16);
    const Headers headers{{"Content-Type", "application/json"},
                          {"Accept", "text/event-stream"},
                          {"Mcp-Session-Id", id},
                          {"MCP-Protocol-Version", "2025-11-25"}};
    return times(50, request("POST", "/mcp", headers,
                             legacyBody("2", "tools/call", R"("name":"left_large","arguments":{})"))) +
           request("GET", "/mcp", headers);
}

std::vector<Manner> worst()
{
    using Reading = Manner::Reading;
    const std::string unfinished = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    return {
        {"pages that nobody reads", {}, times(200, request("GET", "/")), Reading::NEVER, false, {}},
        {"lists that nobody reads",
         {},
         times(50, post("tools/list", {}, modernBody("1", "tools/list"))),
         Reading::NEVER,
         false,
         {}},
        {"answers that nobody reads", {}, echoOf(60'000), Reading::NEVER, false, {}},
        {"large answers that nobody reads", {}, echoOf(3'000'000), Reading::NEVER, false, {}},
        {"large answers read slowly", {}, echoOf(3'000'000, "text/event-stream"), Reading::SLOWLY, false, {}},
        {"large bodies", {}, echoOf(3'000'000), Reading::WHOLLY, false, {}},
        {"heads that never end", {}, unfinished + "X-A: " + std::string(8000, 'x'), Reading::NEVER, true, {}},
        {"bodies that never end",
         unfinished + "Content-Length: 4000000\r\n\r\n" + std::string(3'900'000, ' '),
         {},
         Reading::NEVER,
         false,
         {}},
        {"chunks that never end",
         unfinished + "Transfer-Encoding: chunked\r\n\r\n",
         "1000\r\n" + std::string(4096, ' ') + "\r\n",
         Reading::NEVER,
         false,
         {}},
        {"sessions", {}, initialize(), Reading::WHOLLY, false, {}},
        {"sessions that are used", initialize(), {}, Reading::NEVER, false, useSession},
        {"streams of HTTP+SSE",
         request("GET", "/sse", {{"Accept", "text/event-stream"}}),
         {},
         Reading::NEVER,
         false,
         {}},
        {"small tasks", {}, task("left_small"), Reading::WHOLLY, false, {}},
        {"large tasks", {}, task("left_large"), Reading::WHOLLY, false, {}},
        {"subscriptions", listen(), {}, Reading::NEVER, false, {}},
        {"noise", {}, std::string(4096, '\x7f'), Reading::NEVER, false, {}},
    };
}

constexpr double MOST_P99_MS = 50;
constexpr int LEAST = 19; // nice: peers elsewhere do not take the server's processors; here they get what it leaves

/// What well-behaved clients do.
std::vector<Manner> ordinary()
{
    using Reading = Manner::Reading;
    return {{"calls", {}, echoOf(100), Reading::WHOLLY, false, {}},
            {"larger calls", {}, echoOf(20'000), Reading::WHOLLY, false, {}},
            {"lists", {}, post("tools/list", {}, modernBody("1", "tools/list")), Reading::WHOLLY, false, {}},
            {"sessions", initialize(), {}, Reading::WHOLLY, false, useSession},
            {"tasks", {}, task("left_small"), Reading::WHOLLY, false, {}}};
}

constexpr auto KEPT_MS = std::chrono::milliseconds(20'000); // what is kept on purpose

} // namespace

/// Two thousand strangers who do their worst, beside clients that behave.
class WorstAttack : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WorstAttack);
    CPPUNIT_TEST(strangersStayWithinBounds);
    CPPUNIT_TEST(sigtermEndsIt);
    CPPUNIT_TEST_SUITE_END();

    const TemporaryFolder _folder;
    std::unique_ptr<ServerProcess> _server;

public:
    void setUp() override
    {
        allowManyDescriptors();
        for (const char* plugin : {"echo", "leaves_results"})
            std::filesystem::copy(std::string(TENON_TEST_FIXTURES "/") + plugin + ".so",
                                  _folder.path(std::string(plugin) + ".so"));
        _server =
            ServerProcess::serve({"--plugins.directory=" + _folder.path(), "--plugin.leaves_results.prefix=left_",
                                  "--limits.memoryMb=" + std::to_string(MEMORY_MB), "--timeouts.drainMs=500",
                                  // Ends within the minute after which all is as before.
                                  "--mcp.taskTtlMs=" + std::to_string(KEPT_MS.count()),
                                  "--timeouts.sessionMs=" + std::to_string(KEPT_MS.count()), "--log.level=error"});
    }

    void tearDown() override { _server.reset(); }

    /// A server that has served nobody yet has less than any other: not all of its program was read, and its threads have
    /// no stacks. What is compared with the end is one that has been used, and to which nothing of that use is left.
    void warmUp()
    {
        {
            const Hostile clients(_server->port(), ordinary(), 200, 40, LEAST);
            std::this_thread::sleep_for(std::chrono::seconds(isLong() ? 5 : 1));
        }
        std::this_thread::sleep_for(isLong() ? KEPT_MS + std::chrono::seconds(10) : std::chrono::seconds(1));
    }

    void strangersStayWithinBounds()
    {
        Crowd crowd(_server->port(), 4);
        crowd.assertContent("nobody else is there");
        warmUp();
        const Vitals before(_server->pid());
        Vitals most = before;
        crowd.forgetTimes();
        {
            Hostile hostile(_server->port(), worst(), PEERS, 40, LEAST);
            const auto until = Clock::now() + attackTime();
            while (Clock::now() < until)
            {
                std::this_thread::sleep_for(std::chrono::milliseconds(100));
                most.raiseTo(Vitals(_server->pid()));
            }
            std::cerr << "\n"
                      << hostile.connections() << " connections, " << (hostile.bytesSent() >> 20)
                      << " MB sent to the server, " << (hostile.bytesReceived() >> 20) << " MB read of it\n"
                      << "before: " << before.text() << "\nmost:   " << most.text() << "\nothers: " << crowd.times()
                      << "\n";
            crowd.assertContent("strangers do their worst", std::chrono::seconds(10));
            if (isLong() && !UNDER_SANITIZER)
                CPPUNIT_ASSERT_MESSAGE(crowd.times(), crowd.p99Ms() < MOST_P99_MS);
        }
        if (!UNDER_SANITIZER)
            CPPUNIT_ASSERT_MESSAGE(most.text(), most.residentKb < MOST_RESIDENT_KB);
        const bool level = eventually(
            [&]
            {
                Vitals now(_server->pid());
                if (!isLong())
                    now.residentKb = before.residentKb;
                return now.isLevelWith(before);
            },
            std::chrono::seconds(UNDER_SANITIZER ? 5 : 70)); // it keeps what was freed: nothing is to be seen
        std::cerr << "after:  " << Vitals(_server->pid()).text() << "\n";
        crowd.assertContent("they have gone");
        CPPUNIT_ASSERT_MESSAGE("before " + before.text() + ", a minute after " + Vitals(_server->pid()).text(),
                               level || UNDER_SANITIZER);
    }

    void sigtermEndsIt()
    {
        Hostile hostile(_server->port(), worst(), PEERS / 4, 40, LEAST);
        std::this_thread::sleep_for(std::chrono::seconds(2));
        assertEndsInTime(*_server, std::chrono::milliseconds(500));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorstAttack);

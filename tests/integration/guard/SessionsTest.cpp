// Clients that never delete their sessions: nothing of a dead one stays.
#include "support/Mcp.h"
#include "support/Sanitizer.h"
#include "support/ServerProcess.h"

#include <Poco/Environment.h>
#include <Poco/NumberParser.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

using namespace tenon::tests;

/// TENON_TEST_SESSIONS sets how many are opened; sanitizers make each cost twenty times as much.
class SessionsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SessionsTest);
    CPPUNIT_TEST(nothingOfDeadSessionsStays);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* DEFAULT_COUNT = UNDER_SANITIZER ? "5000" : "100000";
    static constexpr long SLACK_KB = UNDER_SANITIZER ? 400'000 : 8'000;

    static double metric(const ServerProcess& server, const std::string& name)
    {
        const std::string text = '\n' + exchange(server.port(), "GET", "/metrics").body;
        const auto at = text.find('\n' + name + ' ');
        CPPUNIT_ASSERT_MESSAGE(name + " in " + text, at != std::string::npos);
        return std::strtod(text.c_str() + at + name.size() + 2, nullptr);
    }

    /// Opens sessions, many requests on their way at a time, and gives how many were opened.
    static int open(const ServerProcess& server, int count)
    {
        constexpr int WINDOW = 50;
        const std::string ask = request(
            "POST", "/mcp", {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
            legacyBody("1", "initialize",
                       R"("protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"})"));
        std::string window;
        for (int at = 0; at < WINDOW; ++at)
            window += ask;
        RawConnection client(server.port());
        int opened = 0;
        for (int sent = 0; sent < count; sent += WINDOW)
        {
            client.send(window);
            for (int at = 0; at < WINDOW; ++at)
            {
                const HttpReply reply = client.receive();
                CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
                opened += reply.header("mcp-session-id").empty() ? 0 : 1;
            }
        }
        return opened;
    }

    static void awaitNone(const ServerProcess& server)
    {
        CPPUNIT_ASSERT_MESSAGE("sessions stay", eventually([&] { return metric(server, "tenon_sessions_active") == 0; },
                                                           std::chrono::seconds(60)));
    }

public:
    void nothingOfDeadSessionsStays()
    {
        const int count =
            Poco::NumberParser::parse(Poco::Environment::get("TENON_TEST_SESSIONS", DEFAULT_COUNT)) / 500 * 500;
        const auto server = ServerProcess::serve({"--timeouts.sessionMs=1000", "--limits.maxSessions=200000",
                                                  "--limits.share=100", "--log.level=warning", "--ops.metrics=open"},
                                                 ServerProcess::ONE_HEAP);
        // The first fifth brings the server to the size that so many sessions at a time need.
        int opened = 0;
        for (int round = 0; round < 2; ++round)
        {
            opened += open(*server, count / 10);
            awaitNone(*server);
        }
        const long before = server->residentKb();
        const int rounds = 8;
        long most = 0;
        for (int round = 0; round < rounds; ++round)
        {
            opened += open(*server, count / 10);
            awaitNone(*server);
            most = std::max(most, server->residentKb());
        }
        CPPUNIT_ASSERT_EQUAL(count, opened);
        CPPUNIT_ASSERT_EQUAL(double(count), metric(*server, "session_duration_seconds_count"));
        // A session that left as little as 200 bytes would show: 80,000 of them are 16 MB.
        CPPUNIT_ASSERT_MESSAGE("grown from " + std::to_string(before) + " to " + std::to_string(most) + " kB",
                               most - before < SLACK_KB);
        CPPUNIT_ASSERT(metric(*server, "tenon_events_kept_bytes") == 0);
        assertServes(server->port());
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SessionsTest);

// Progress and log messages of a call.
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <cmath>
#include <latch>
#include <memory>
#include <thread>

using namespace tenon::tests;
using tenon::plugin::CallBackendPtr;

class NotificationTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(NotificationTest);
    CPPUNIT_TEST(progressNeedsAToken);
    CPPUNIT_TEST(progressOnlyGrows);
    CPPUNIT_TEST(progressGrowsOnTheWireFromManyThreads);
    CPPUNIT_TEST(progressHasAMessageSince20250326);
    CPPUNIT_TEST(aBadTokenIsRefused);
    CPPUNIT_TEST(modernLogsNeedALevel);
    CPPUNIT_TEST(legacyLogsFollowTheSession);
    CPPUNIT_TEST(badLogsAreRefused);
    CPPUNIT_TEST(aClientWithoutStreamGetsItsAnswer);
    CPPUNIT_TEST(nothingComesAfterTheAnswer);
    CPPUNIT_TEST(theAnswerWaitsForWhatIsBeingSent);
    CPPUNIT_TEST_SUITE_END();

public:
    void progressNeedsAToken()
    {
        tool([](const CallBackendPtr& call) { call->progress(1, 2, "half"); });
        CPPUNIT_ASSERT(call({})->events().empty());
        for (const std::string token : {"\"p\"", "7"})
        {
            const auto events = call(",\"progressToken\":" + token)->events();
            CPPUNIT_ASSERT_EQUAL(std::size_t(1), events.size());
            CPPUNIT_ASSERT_EQUAL(std::string("\"notifications/progress\""), at(events[0].text, "/method"));
            CPPUNIT_ASSERT_EQUAL("{\"progressToken\":" + token + R"(,"progress":1,"total":2,"message":"half"})",
                                 at(events[0].text, "/params"));
        }
    }

    void progressOnlyGrows()
    {
        std::vector<tenon_status> statuses;
        tool(
            [&](const CallBackendPtr& call)
            {
                for (const double done : {0.0, 0.0, 5.0, 3.0, 5.5})
                    statuses.push_back(call->progress(done, 0, ""));
                statuses.push_back(call->progress(NAN, 0, ""));
                statuses.push_back(call->progress(6, INFINITY, ""));
            });
        const auto events = call(R"(,"progressToken":1)")->events();
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), events.size());
        CPPUNIT_ASSERT_EQUAL(std::string("5.5"), at(events[2].text, "/params/progress"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(events[2].text, "/params/total"));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), statuses[3]);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID), statuses[5]);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID), statuses[6]);
    }

    void progressGrowsOnTheWireFromManyThreads()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                std::atomic<int> next{0};
                std::vector<std::thread> threads;
                for (int thread = 0; thread < 4; ++thread)
                    threads.emplace_back(
                        [&]
                        {
                            for (int count = 0; count < 200; ++count)
                                call->progress(++next, 0, "");
                        });
                for (auto& thread : threads)
                    thread.join();
            });
        double last = -1;
        for (const auto& event : call(R"(,"progressToken":1)")->events())
        {
            const double progress = std::stod(at(event.text, "/params/progress"));
            CPPUNIT_ASSERT(progress > last);
            last = progress;
        }
        CPPUNIT_ASSERT_EQUAL(800.0, last);
    }

    void progressHasAMessageSince20250326()
    {
        tool([](const CallBackendPtr& call) { call->progress(1, 2, "half"); });
        for (const char* version : {"2024-11-05", "2025-03-26"})
        {
            const auto sink =
                LegacyClient(server, version).request("tools/call", R"("name":"t","_meta":{"progressToken":1})");
            CPPUNIT_ASSERT(sink->waitForEnd());
            CPPUNIT_ASSERT_EQUAL(std::string(std::string(version) > "2025" ? "\"half\"" : ""),
                                 at(sink->events().at(0).text, "/params/message"));
        }
    }

    void aBadTokenIsRefused()
    {
        tool([](const CallBackendPtr&) {});
        for (const char* token : {"1.5", "{}", "true"})
            CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                                 at(call(std::string(",\"progressToken\":") + token)->answer(), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(call(R"(,"progressToken":null)")->answer(), "/error/code"));
    }

    void modernLogsNeedALevel()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                for (int level = TENON_LOG_DEBUG; level <= TENON_LOG_EMERGENCY; ++level)
                    call->log(level, "l", R"({ "a" : 1 })");
            });
        const std::string key = R"(,"io.modelcontextprotocol/logLevel":)";
        CPPUNIT_ASSERT(call({})->events().empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(8), call(key + "\"debug\"")->events().size());
        const auto events = call(key + "\"alert\"")->events();
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), events.size());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"level":"alert","logger":"l","data":{"a":1}})"),
                             at(events[0].text, "/params"));
        for (const char* bad : {"\"loud\"", "5"})
            CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(call(key + bad)->answer(), "/error/code"));
    }

    void legacyLogsFollowTheSession()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                call->log(TENON_LOG_DEBUG, "", "\"d\"");
                call->log(TENON_LOG_INFO, "", "\"i\"");
                call->log(TENON_LOG_ERROR, "", "\"e\"");
            });
        LegacyClient client(server);
        const auto count = [&]
        {
            const auto sink = client.request("tools/call", R"("name":"t")");
            CPPUNIT_ASSERT(sink->waitForEnd());
            return sink->events().size();
        };
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), count());
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(client.answer("logging/setLevel", R"("level":"debug")"), "/result"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), count());
        (void)client.answer("logging/setLevel", R"("level":"emergency")");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), count());
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(client.answer("logging/setLevel", R"("level":"loud")"), "/error/code"));
    }

    void badLogsAreRefused()
    {
        std::vector<tenon_status> statuses;
        tool(
            [&](const CallBackendPtr& call) {
                statuses = {call->log(8, "", "1"), call->log(-1, "", "1"), call->log(TENON_LOG_ERROR, "", "{")};
            });
        const auto sink = call(R"(,"io.modelcontextprotocol/logLevel":"debug")");
        for (const auto status : statuses)
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID), status);
        CPPUNIT_ASSERT(sink->events().empty());
    }

    void aClientWithoutStreamGetsItsAnswer()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                call->progress(1, 2, "half");
                call->releaseStream(5);
            });
        TestServer::Modern how;
        how.meta = R"(,"progressToken":1)";
        how.streams = false;
        const auto sink = server.modern("tools/call", R"("name":"t")", how);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT(sink->events().empty());
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(sink->answer(), "/result/content"));
        const auto legacy =
            LegacyClient(server).request("tools/call", R"("name":"t","_meta":{"progressToken":1})", "1", false);
        CPPUNIT_ASSERT(legacy->waitForEnd());
        CPPUNIT_ASSERT(!legacy->opened());
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(legacy->answer(), "/result/content"));
    }

    void nothingComesAfterTheAnswer()
    {
        HeldCall held;
        server.simpleTool("t", held.keeping());
        server.publish();
        LegacyClient client(server);
        const auto sink = client.request("tools/call", R"("name":"t","_meta":{"progressToken":1})");
        held->progress(1, 2, "");
        held->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_STATE), held->progress(2, 2, ""));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_STATE), held->log(TENON_LOG_ERROR, "", "1"));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_STATE), held->releaseStream(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), sink->events().size());
    }

    void theAnswerWaitsForWhatIsBeingSent()
    {
        HeldCall held;
        server.simpleTool("t", held.keeping());
        server.publish();
        TestServer::Modern how;
        how.meta = R"(,"progressToken":1)";
        const auto sink = std::make_shared<SlowSink>();
        server.send(TestServer::modernBody("tools/call", R"("name":"t")", how),
                    TestServer::modernHeaders("tools/call", "t"), sink);
        held.wait();
        std::thread reports([&] { held->progress(1, 2, ""); });
        sink->waitUntilSending();
        held->finish(R"({"content":[]})", nullptr);
        reports.join();
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the answer overtook it", std::size_t(1), sink->events().size());
    }

private:
    /// A peer to whom a message takes so long that an answer could overtake it.
    class SlowSink : public RecordingSink
    {
    public:
        bool send(std::string_view message, std::string_view eventId) override
        {
            _sending.count_down();
            const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
            while (!finished() && std::chrono::steady_clock::now() < end)
                std::this_thread::yield();
            return RecordingSink::send(message, eventId);
        }
        using RecordingSink::send;

        void waitUntilSending() const { _sending.wait(); }

    private:
        std::latch _sending{1};
    };

    void tool(std::function<void(const CallBackendPtr&)> work)
    {
        server.simpleTool("t",
                          [work = std::move(work)](const CallBackendPtr& call)
                          {
                              work(call);
                              return call->finish(R"({"content":[]})", nullptr);
                          });
        server.publish();
    }

    RecordingSinkPtr call(const std::string& meta)
    {
        TestServer::Modern how;
        how.meta = meta;
        const auto sink = server.modern("tools/call", R"("name":"t")", how);
        CPPUNIT_ASSERT(sink->waitForEnd());
        return sink;
    }

    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(NotificationTest);

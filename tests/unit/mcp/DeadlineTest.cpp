// Deadlines, with the clock turned by the test.
#include "base/threads/SteadyClock.h"
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>

using namespace tenon::tests;
using tenon::plugin::CallBackendPtr;

class DeadlineTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DeadlineTest);
    CPPUNIT_TEST(thePluginIsToldThenTheAnswerIsGiven);
    CPPUNIT_TEST(aToolMayHaveItsOwn);
    CPPUNIT_TEST(noDeadlineIsNone);
    CPPUNIT_TEST(promptsEndWithAnError);
    CPPUNIT_TEST(aPluginThatGivesUpInTimeIsALateOne);
    CPPUNIT_TEST(theDeadlineCoversWaitingForTheClient);
    CPPUNIT_TEST(theDeadlineCoversWaitingBetweenRounds);
    CPPUNIT_TEST(aToolWithoutDeadlineHasNoneAfterAsking);
    CPPUNIT_TEST(aBlockedPluginHoldsNoClient);
    CPPUNIT_TEST_SUITE_END();

public:
    void thePluginIsToldThenTheAnswerIsGiven()
    {
        server.simpleTool("t", held.keeping());
        server.publish();
        const auto sink = server.modern("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1'000'000), held->deadlineMs());
        turn(999'000);
        CPPUNIT_ASSERT(!held->isCancelled());
        turn(1'000'050);
        CPPUNIT_ASSERT(held->isCancelled());
        CPPUNIT_ASSERT(!sink->ended());
        turn(1'001'000);
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(sink->answer(), "/result/isError"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"'t' did not finish within 1000000 ms\""),
                             at(sink->answer(), "/result/content/0/text"));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_STATE), held->finish(R"({"content":[]})", nullptr));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), sink->answers());
    }

    void aToolMayHaveItsOwn()
    {
        server.simpleTool("t", held.keeping()).timeoutMs = 500'000;
        server.publish();
        const auto sink = server.modern("tools/call", R"("name":"t")");
        turn(501'000);
        CPPUNIT_ASSERT(sink->finished());
    }

    void noDeadlineIsNone()
    {
        server.simpleTool("t", held.keeping()).timeoutMs = 0;
        server.publish();
        const auto sink = server.modern("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), held->deadlineMs());
        turn(1'000'000'000);
        CPPUNIT_ASSERT(!held->isCancelled());
        held->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(sink->finished());
    }

    void promptsEndWithAnError()
    {
        server.prompt(R"({"name":"p"})", held.keeping());
        server.publish();
        const auto sink = server.modern("prompts/get", R"("name":"p")");
        turn(1'001'000);
        CPPUNIT_ASSERT_EQUAL(std::string("-32603"), at(sink->answer(), "/error/code"));
    }

    void aPluginThatGivesUpInTimeIsALateOne()
    {
        server.simpleTool("t", held.keeping());
        server.publish();
        const auto sink = server.modern("tools/call", R"("name":"t")");
        turn(1'000'050);
        held->fail(TENON_ERROR_CANCELLED, "");
        CPPUNIT_ASSERT(at(sink->answer(), "/result/content/0/text").find("did not finish within") != std::string::npos);
    }

    void theDeadlineCoversWaitingForTheClient()
    {
        server.simpleTool("t",
                          [](const CallBackendPtr& call)
                          {
                              const auto asked = call->requestInput("k", R"({"method":"roots/list"})");
                              return asked.status == TENON_OK ? call->finish(R"({"content":[]})", nullptr)
                                                              : asked.status;
                          });
        server.publish();
        LegacyClient client(server, "2025-11-25", R"({"roots":{}})");
        const auto sink = client.request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        turn(900'000);
        CPPUNIT_ASSERT(!sink->ended());
        turn(1'000'200);
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("\"the client did not answer what 't' asked within 1000000 ms\""),
                             at(sink->answer(), "/result/content/0/text"));
        // Late: nobody waits for it.
        CPPUNIT_ASSERT(client.respond("1", R"("result":{"roots":[]})")->finished());
    }

    void theDeadlineCoversWaitingBetweenRounds()
    {
        int entered = 0;
        server
            .simpleTool("t",
                        [&](const CallBackendPtr& call)
                        {
                            ++entered;
                            return call->requestInput("k", R"({"method":"roots/list"})").status;
                        })
            .timeoutMs = 1;
        server.publish();
        TestServer::Modern how;
        how.capabilities = R"({"roots":{}})";
        const auto first = server.modernAnswer("tools/call", R"("name":"t")", how);
        std::string second;
        CPPUNIT_ASSERT(TestServer::eventually(
            [&]
            {
                second = server.modernAnswer("tools/call",
                                             R"("name":"t","inputResponses":{"k":{"roots":[]}},"requestState":)" +
                                                 at(first, "/result/requestState"),
                                             how);
                return at(second, "/result/isError") == "true";
            }));
        CPPUNIT_ASSERT_EQUAL(std::string("\"the client did not answer what 't' asked within 1 ms\""),
                             at(second, "/result/content/0/text"));
    }

    void aToolWithoutDeadlineHasNoneAfterAsking()
    {
        server
            .simpleTool("t",
                        [this](const CallBackendPtr& call) -> tenon_status
                        {
                            const auto asked = call->requestInput("k", R"({"method":"roots/list"})");
                            return asked.status == TENON_OK ? held.keep(call) : asked.status;
                        })
            .timeoutMs = 0;
        server.publish();
        LegacyClient client(server, "2025-11-25", R"({"roots":{}})");
        const auto sink = client.request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        client.respond("1", R"("result":{"roots":[]})");
        held.wait();
        turn(1'000'000'000);
        CPPUNIT_ASSERT(!sink->ended());
        held->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(sink->finished());
    }

    void aBlockedPluginHoldsNoClient()
    {
        std::promise<void> leave;
        std::promise<void> inside;
        server.simpleTool("t",
                          [&](const CallBackendPtr&)
                          {
                              inside.set_value();
                              leave.get_future().wait();
                              return TENON_OK; // far too late
                          });
        server.publish();
        RecordingSinkPtr sink = std::make_shared<RecordingSink>();
        std::thread caller(
            [&]
            {
                server.send(TestServer::modernBody("tools/call", R"("name":"t")", {}),
                            TestServer::modernHeaders("tools/call", "t"), sink);
            });
        inside.get_future().wait();
        turn(1'001'000);
        CPPUNIT_ASSERT(sink->finished());
        leave.set_value();
        caller.join();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), sink->answers());
    }

    void tearDown() override { held.drop(); }

private:
    static tenon::mcp::Options options()
    {
        auto options = TestServer::defaults();
        options.requestMs = 1'000'000;
        options.requestStateMs = 3'600'000;
        return options;
    }

    /// The clock as it will be in so many milliseconds.
    void turn(std::int64_t ms) { server.dispatcher->protocol().calls.checkDeadlines(tenon::base::steadyMs() + ms); }

    HeldCall held;
    TestServer server{options()};
};

CPPUNIT_TEST_SUITE_REGISTRATION(DeadlineTest);

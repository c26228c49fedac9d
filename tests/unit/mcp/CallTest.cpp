// The life of a call: errors, arguments, concurrency, answers that come once.
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <thread>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;
using tenon::plugin::CallBackendPtr;
using tenon::plugin::EntryQueue;

class CallTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CallTest);
    CPPUNIT_TEST(idsComeBackAsTheyWere);
    CPPUNIT_TEST(unknownToolsAreInvalidParams);
    CPPUNIT_TEST(argumentsMustBeAnObject);
    CPPUNIT_TEST(missingArgumentsAreAnEmptyObject);
    CPPUNIT_TEST(argumentsThatBreakTheSchemaAreAToolError);
    CPPUNIT_TEST(failuresOfToolsAreToolErrors);
    CPPUNIT_TEST(anInternalFailureIsAProtocolError);
    CPPUNIT_TEST(returningWithoutAnEndIsAProtocolError);
    CPPUNIT_TEST(aCallEndsOnce);
    CPPUNIT_TEST(aCallMayEndLaterOnAnotherThread);
    CPPUNIT_TEST(aCallThatThePluginForgetsIsAnswered);
    CPPUNIT_TEST(aFullQueueRefuses);
    CPPUNIT_TEST(oneAtATimeIsOneAtATime);
    CPPUNIT_TEST(anEndedCallDoesNotEnterThePlugin);
    CPPUNIT_TEST(aWaitingCallDoesNotTakeAPlace);
    CPPUNIT_TEST(callsInFlightReturnToZero);
    CPPUNIT_TEST(aRefusedCallIsNotInFlight);
    CPPUNIT_TEST(callsOfOnePrincipalAreLimited);
    CPPUNIT_TEST(callsOfAllAreLimited);
    CPPUNIT_TEST(traceContextReachesThePlugin);
    CPPUNIT_TEST(aBrokenTraceparentIsIgnored);
    CPPUNIT_TEST(thePluginSeesTheClient);
    CPPUNIT_TEST_SUITE_END();

public:
    void idsComeBackAsTheyWere()
    {
        server.simpleTool("t", saying("x"));
        server.publish();
        for (const std::string id : {"1", "\"1\"", "-7", "9007199254740993", "\"a\\\"b\""})
        {
            TestServer::Modern how;
            how.id = id;
            CPPUNIT_ASSERT_EQUAL(id, at(server.modernAnswer("tools/call", R"("name":"t")", how), "/id"));
        }
    }

    void unknownToolsAreInvalidParams()
    {
        const auto sink = server.modern("tools/call", R"("name":"none")");
        CPPUNIT_ASSERT(sink->error() == ErrorKind::INVALID_PARAMS);
        CPPUNIT_ASSERT_EQUAL(std::string("\"Unknown tool: none\""), at(sink->answer(), "/error/message"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(LegacyClient(server).answer("tools/call", R"("name":"none")"), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(LegacyClient(server).answer("tools/call", R"("name":5)"), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(LegacyClient(server).answer("tools/call"), "/error/code"));
    }

    void argumentsMustBeAnObject()
    {
        server.simpleTool("t", saying("x"));
        server.publish();
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(server.modernAnswer("tools/call", R"("name":"t","arguments":[])"), "/error/code"));
    }

    void missingArgumentsAreAnEmptyObject()
    {
        server.simpleTool("t",
                          [](const CallBackendPtr& call)
                          {
                              return call->finish(R"({"content":[],"structuredContent":{"got":)" +
                                                      tenon::base::toJson(call->arguments()) + "}}",
                                                  nullptr);
                          });
        server.publish();
        for (const char* params : {R"("name":"t")", R"("name":"t","arguments":null)", R"("name":"t","arguments":{})"})
            CPPUNIT_ASSERT_EQUAL(std::string("{}"),
                                 at(server.modernAnswer("tools/call", params), "/result/structuredContent/got"));
    }

    void argumentsThatBreakTheSchemaAreAToolError()
    {
        std::atomic<int> entered{0};
        server.tool(
            R"({"name":"t","inputSchema":{"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]}})",
            [&](const CallBackendPtr& call)
            {
                ++entered;
                return call->finish(R"({"content":[]})", nullptr);
            });
        server.publish();
        for (const char* arguments : {"{}", R"({"n":0})", R"({"n":"1"})"})
        {
            const auto sink = server.modern("tools/call", std::string(R"("name":"t","arguments":)") + arguments);
            CPPUNIT_ASSERT(sink->error() == ErrorKind::NONE);
            CPPUNIT_ASSERT_EQUAL(std::string("true"), at(sink->answer(), "/result/isError"));
            CPPUNIT_ASSERT(at(sink->answer(), "/result/content/0/text").find("'t'") != std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(0, entered.load());
        (void)server.modernAnswer("tools/call", R"("name":"t","arguments":{"n":1})");
        CPPUNIT_ASSERT_EQUAL(1, entered.load());
    }

    void failuresOfToolsAreToolErrors()
    {
        server.simpleTool("says", [](const CallBackendPtr& call) { return call->fail(TENON_ERROR_FAILED, "no disk"); });
        server.simpleTool("returns", [](const CallBackendPtr&) { return TENON_ERROR_INVALID; });
        server.publish();
        const auto says = server.modernAnswer("tools/call", R"("name":"says")");
        CPPUNIT_ASSERT_EQUAL(std::string("\"no disk\""), at(says, "/result/content/0/text"));
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(says, "/result/isError"));
        CPPUNIT_ASSERT_EQUAL(std::string("true"),
                             at(server.modernAnswer("tools/call", R"("name":"returns")"), "/result/isError"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"content":[{"type":"text","text":"no disk"}],"isError":true})"),
                             at(LegacyClient(server).answer("tools/call", R"("name":"says")"), "/result"));
    }

    void anInternalFailureIsAProtocolError()
    {
        server.simpleTool("t", [](const CallBackendPtr&) { return TENON_ERROR_INTERNAL; });
        server.publish();
        CPPUNIT_ASSERT_EQUAL(std::string("-32603"),
                             at(server.modernAnswer("tools/call", R"("name":"t")"), "/error/code"));
    }

    void returningWithoutAnEndIsAProtocolError()
    {
        for (const tenon_status status : {tenon_status(TENON_OK), tenon_status(77)})
        {
            server.draft.tools.clear();
            server.simpleTool("t", [status](const CallBackendPtr&) { return status; });
            server.publish();
            CPPUNIT_ASSERT_EQUAL(std::string("-32603"),
                                 at(server.modernAnswer("tools/call", R"("name":"t")"), "/error/code"));
        }
    }

    void aCallEndsOnce()
    {
        std::vector<tenon_status> late;
        server.simpleTool("t",
                          [&](const CallBackendPtr& call)
                          {
                              late.push_back(call->finish(R"({"content":[]})", nullptr));
                              late.push_back(call->finish(R"({"content":[]})", nullptr));
                              late.push_back(call->fail(TENON_ERROR_FAILED, "x"));
                              late.push_back(call->progress(1, 2, "x"));
                              late.push_back(call->log(TENON_LOG_ERROR, "", "1"));
                              return TENON_ERROR_FAILED;
                          });
        server.publish();
        const auto sink = server.modern("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), sink->answers());
        CPPUNIT_ASSERT_EQUAL(std::string(), at(sink->answer(), "/result/isError"));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), late[0]);
        for (std::size_t at = 1; at < late.size(); ++at)
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_STATE), late[at]);
    }

    void aCallMayEndLaterOnAnotherThread()
    {
        std::thread later;
        server.simpleTool("t",
                          [&](const CallBackendPtr& call)
                          {
                              later = std::thread([call] { call->finish(R"({"content":[]})", nullptr); });
                              return TENON_ASYNC;
                          });
        server.publish();
        CPPUNIT_ASSERT_EQUAL(std::string("[]"),
                             at(server.modernAnswer("tools/call", R"("name":"t")"), "/result/content"));
        later.join();
    }

    void callsOfOnePrincipalAreLimited()
    {
        HeldCall held;
        server.simpleTool("t", held.keeping());
        server.publish();
        server.allowance.holder = "alice";
        server.allowance.limits.callsInFlight = 1;
        const auto running = send("1");
        const auto refused = send("2");
        CPPUNIT_ASSERT(refused->error() == ErrorKind::QUOTA);
        server.allowance.holder = "bob";
        auto alices = held.take();
        const auto other = send("3");
        CPPUNIT_ASSERT_MESSAGE("another one's calls are his own", !other->finished());
        finish(held.take());
        finish(std::move(alices));
        CPPUNIT_ASSERT(running->waitForEnd());
        server.allowance.holder = "alice";
        CPPUNIT_ASSERT_MESSAGE("the call that ended left its place", TestServer::eventually(
                                                                         [&]
                                                                         {
                                                                             const auto next = send("4");
                                                                             if (next->finished())
                                                                                 return false;
                                                                             finish(held.take());
                                                                             return next->waitForEnd() &&
                                                                                    next->error() == ErrorKind::NONE;
                                                                         }));
    }

    void callsOfAllAreLimited()
    {
        auto options = TestServer::defaults();
        options.maxCalls = 1;
        TestServer small(options);
        HeldCall held;
        small.simpleTool("t", held.keeping());
        small.publish();
        const auto running = small.modern("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(small.modern("tools/call", R"("name":"t")")->error() == ErrorKind::LIMIT);
        CPPUNIT_ASSERT(small.modern("tools/list")->error() == ErrorKind::NONE);
        finish(held.take());
        CPPUNIT_ASSERT(running->waitForEnd());
    }

    void aCallThatThePluginForgetsIsAnswered()
    {
        server.simpleTool("t", [](const CallBackendPtr&) { return TENON_ASYNC; });
        server.publish();
        CPPUNIT_ASSERT_EQUAL(std::string("-32603"),
                             at(server.modernAnswer("tools/call", R"("name":"t")"), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.dispatcher->callsInFlight());
        LegacyClient client(server);
        CPPUNIT_ASSERT_EQUAL(std::string("-32603"), at(client.answer("tools/call", R"("name":"t")"), "/error/code"));
    }

    void aFullQueueRefuses()
    {
        HeldCall held;
        server.simpleTool("t", held.keeping()).queue = TestServer::admission(EntryQueue::Concurrency::SERIAL, 1, 1);
        server.publish();
        const auto first = server.modern("tools/call", R"("name":"t")");
        const auto second = server.modern("tools/call", R"("name":"t")");
        const auto third = server.modern("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(third->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(third->answer(), "/result/isError"));
        CPPUNIT_ASSERT(!first->ended() && !second->ended());
        finish(held.take());
        CPPUNIT_ASSERT(first->finished());
        held.wait();
        finish(held.take());
        CPPUNIT_ASSERT(second->finished());
    }

    void oneAtATimeIsOneAtATime()
    {
        std::atomic<int> inside{0}, most{0};
        server
            .simpleTool("t",
                        [&](const CallBackendPtr& call)
                        {
                            most = std::max(most.load(), ++inside);
                            std::this_thread::yield();
                            --inside;
                            return call->finish(R"({"content":[]})", nullptr);
                        })
            .queue = TestServer::admission(EntryQueue::Concurrency::SERIAL, 0, 1000);
        server.publish();
        std::vector<std::thread> threads;
        std::atomic<int> answered{0};
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back(
                [&]
                {
                    for (int count = 0; count < 25; ++count)
                        if (!at(server.modernAnswer("tools/call", R"("name":"t")"), "/result/content").empty())
                            ++answered;
                });
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT_EQUAL(100, answered.load());
        CPPUNIT_ASSERT_EQUAL(1, most.load());
    }

    void anEndedCallDoesNotEnterThePlugin()
    {
        HeldCall held;
        std::atomic<int> entered{0};
        server
            .simpleTool("t",
                        [&](const CallBackendPtr& call)
                        {
                            ++entered;
                            return held.keep(call);
                        })
            .queue = TestServer::admission(EntryQueue::Concurrency::SERIAL);
        server.publish();
        const auto first = server.modern("tools/call", R"("name":"t")");
        const auto second = server.modern("tools/call", R"("name":"t")");
        second->disconnect();
        finish(held.take());
        CPPUNIT_ASSERT(first->finished());
        // The place is free again for a third.
        const auto third = server.modern("tools/call", R"("name":"t")");
        held.wait();
        CPPUNIT_ASSERT_EQUAL(2, entered.load());
        finish(held.take());
        CPPUNIT_ASSERT(third->waitForEnd());
        CPPUNIT_ASSERT(!second->ended());
    }

    void aWaitingCallDoesNotTakeAPlace()
    {
        // A call that asks the client lets others in meanwhile.
        const auto admission = TestServer::admission(EntryQueue::Concurrency::SERIAL);
        server
            .simpleTool("t",
                        [](const CallBackendPtr& call)
                        {
                            const auto asked = call->requestInput("k", R"({"method":"roots/list"})");
                            return asked.status == TENON_OK ? call->finish(R"({"content":[]})", nullptr) : asked.status;
                        })
            .queue = admission;
        server.publish();
        LegacyClient client(server, "2025-11-25", R"({"roots":{}})");
        const auto first = client.request("tools/call", R"("name":"t")", "1");
        CPPUNIT_ASSERT(first->waitForEvents(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), admission->running());
        const auto second = client.request("tools/call", R"("name":"t")", "2");
        CPPUNIT_ASSERT(second->waitForEvents(1));
        client.respond("1", R"("result":{"roots":[]})");
        client.respond("2", R"("result":{"roots":[]})");
        CPPUNIT_ASSERT(first->waitForEnd() && second->waitForEnd());
        CPPUNIT_ASSERT(TestServer::eventually([&] { return admission->running() == 0; }));
    }

    void callsInFlightReturnToZero()
    {
        HeldCall held;
        server.simpleTool("t", held.keeping());
        server.publish();
        auto& gauge =
            server.metrics.gauge("tenon_tool_calls_in_flight", "Calls of a tool that run now", {{"tool", "t"}});
        const auto sink = server.modern("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), server.dispatcher->callsInFlight());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), gauge.value());
        finish(held.take());
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.dispatcher->callsInFlight());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), gauge.value());
    }

    void aRefusedCallIsNotInFlight()
    {
        server.simpleTool("t", saying("x"));
        server.publish();
        auto& gauge =
            server.metrics.gauge("tenon_tool_calls_in_flight", "Calls of a tool that run now", {{"tool", "t"}});
        CPPUNIT_ASSERT_EQUAL(
            std::string("-32602"),
            at(server.modernAnswer("tools/call", R"("name":"t","requestState":"forged")"), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), gauge.value());
    }

    void traceContextReachesThePlugin()
    {
        std::string seen;
        server.simpleTool("t",
                          [&](const CallBackendPtr& call)
                          {
                              const auto origin = call->origin();
                              seen = std::string(origin.traceparent) + '|' + std::string(origin.tracestate) + '|' +
                                     std::string(origin.baggage);
                              return call->finish(R"({"content":[]})", nullptr);
                          });
        server.publish();
        TestServer::Modern how;
        how.meta = ",\"traceparent\":\"" + TRACE + R"(","tracestate":"a=b","baggage":"c=d")";
        (void)server.modernAnswer("tools/call", R"("name":"t")", how);
        CPPUNIT_ASSERT_EQUAL(TRACE + "|a=b|c=d", seen);
        // Of the headers where `_meta` has none.
        const auto headers =
            TestServer::modernHeaders("tools/call", "t").set("traceparent", TRACE).set("baggage", "e=f");
        server.send(TestServer::modernBody("tools/call", R"("name":"t")", {}), headers);
        CPPUNIT_ASSERT_EQUAL(TRACE + "||e=f", seen);
    }

    /// It goes into log lines: a line break in it would forge one.
    void aBrokenTraceparentIsIgnored()
    {
        std::string seen;
        server.simpleTool("t",
                          [&](const CallBackendPtr& call)
                          {
                              const auto origin = call->origin();
                              seen = std::string(origin.traceparent) + '|' + std::string(origin.tracestate) + '|' +
                                     std::string(origin.baggage);
                              return call->finish(R"({"content":[]})", nullptr);
                          });
        server.publish();
        for (const std::string& bad : {std::string("x"), TRACE + "\\nforged", TRACE + "-more", "ff" + TRACE.substr(2),
                                       "00-" + std::string(32, '0') + TRACE.substr(35)})
        {
            TestServer::Modern how;
            how.meta = ",\"traceparent\":\"" + bad + R"(","tracestate":"a=b","baggage":"c\nd")";
            (void)server.modernAnswer("tools/call", R"("name":"t")", how);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::string("||"), seen);
        }
    }

    void thePluginSeesTheClient()
    {
        std::string seen;
        server.simpleTool("t",
                          [&](const CallBackendPtr& call)
                          {
                              const auto origin = call->origin();
                              seen = std::string(origin.principal) + '|' + std::string(origin.session) + '|';
                              for (const auto feature : {TENON_CLIENT_ELICITATION, TENON_CLIENT_ELICITATION_URL,
                                                         TENON_CLIENT_SAMPLING, TENON_CLIENT_SAMPLING_TOOLS,
                                                         TENON_CLIENT_ROOTS, TENON_CLIENT_PROGRESS, TENON_CLIENT_TASK})
                                  seen += call->clientHas(feature) ? '1' : '0';
                              return call->finish(R"({"content":[]})", nullptr);
                          });
        server.publish();
        TestServer::Modern how;
        how.principal = principalOf("alice");
        how.capabilities = R"({"elicitation":{"url":{}},"sampling":{"tools":{}}})";
        how.meta = R"(,"progressToken":"p")";
        (void)server.modernAnswer("tools/call", R"("name":"t")", how);
        CPPUNIT_ASSERT_EQUAL(std::string("alice||0111010"), seen);
        LegacyClient client(server, "2025-11-25", R"({"elicitation":{},"roots":{}})");
        (void)client.answer("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL('|' + client.session() + "|1000100", seen);
    }

private:
    const std::string TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    RecordingSinkPtr send(const std::string& id)
    {
        TestServer::Modern how;
        how.id = id;
        return server.send(TestServer::modernBody("tools/call", R"("name":"t")", how),
                           TestServer::modernHeaders("tools/call", "t"));
    }

    /// Ends the call and lets go of it.
    static void finish(CallBackendPtr call)
    {
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->finish(R"({"content":[]})", nullptr));
    }

    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(CallTest);

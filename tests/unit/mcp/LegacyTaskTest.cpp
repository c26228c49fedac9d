// Tasks as 2025-11-25 has them.
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::plugin::CallBackendPtr;
using tenon::plugin::TaskSupport;

class LegacyTaskTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LegacyTaskTest);
    CPPUNIT_TEST(theClientAsksForATask);
    CPPUNIT_TEST(supportIsDeclaredByTool);
    CPPUNIT_TEST(olderRevisionsKnowNoTasks);
    CPPUNIT_TEST(theResultIsWaitedFor);
    CPPUNIT_TEST(onlySoManyWaitForAResult);
    CPPUNIT_TEST(theResultIsMarked);
    CPPUNIT_TEST(aToolErrorIsAFailedTask);
    CPPUNIT_TEST(aProtocolErrorComesBackAsItWas);
    CPPUNIT_TEST(cancelledTasksCannotBeCancelled);
    CPPUNIT_TEST(tasksAreListedInPages);
    CPPUNIT_TEST(tasksAreListedToWhomeverCanBeToldFromOthers);
    CPPUNIT_TEST(theTtlIsTheClientsUpToALimit);
    CPPUNIT_TEST(questionsGoOutOnTheStreamOfTasksResult);
    CPPUNIT_TEST(whoeverListensWhileItAsksIsAsked);
    CPPUNIT_TEST(questionsWaitForAStream);
    CPPUNIT_TEST(questionsGoOutOnTheSessionsStream);
    CPPUNIT_TEST(onDemandToolsAreTasksAtOnce);
    CPPUNIT_TEST(anExpiredTaskStillAnswersWhoWaits);
    CPPUNIT_TEST(theEndOfTheSessionCancels);
    CPPUNIT_TEST_SUITE_END();

public:
    void tearDown() override { held.drop(); }

    void theClientAsksForATask()
    {
        tool(held.keeping());
        const auto created = client.answer("tools/call", R"("name":"t","task":{})");
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(created, "/result/task/status"));
        CPPUNIT_ASSERT_EQUAL(std::string("3600000"), at(created, "/result/task/ttl"));
        CPPUNIT_ASSERT_EQUAL(std::string("500"), at(created, "/result/task/pollInterval"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(created, "/result/resultType"));
        const auto got = client.answer("tasks/get", "\"taskId\":" + at(created, "/result/task/taskId"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(got, "/result/status"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(client.answer("tools/call", R"("name":"t","task":5)"), "/error/code"));
    }

    void supportIsDeclaredByTool()
    {
        const auto code = [&](TaskSupport support, const char* params)
        {
            tool(answering(R"({"content":[]})"), support);
            return at(client.answer("tools/call", params), "/error/code");
        };
        CPPUNIT_ASSERT_EQUAL(std::string("-32601"), code(TaskSupport::FORBIDDEN, R"("name":"t","task":{})"));
        CPPUNIT_ASSERT_EQUAL(std::string(), code(TaskSupport::FORBIDDEN, R"("name":"t")"));
        CPPUNIT_ASSERT_EQUAL(std::string(), code(TaskSupport::OPTIONAL, R"("name":"t","task":{})"));
        CPPUNIT_ASSERT_EQUAL(std::string(), code(TaskSupport::OPTIONAL, R"("name":"t")"));
        CPPUNIT_ASSERT_EQUAL(std::string(), code(TaskSupport::REQUIRED, R"("name":"t","task":{})"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32601"), code(TaskSupport::REQUIRED, R"("name":"t")"));
    }

    void olderRevisionsKnowNoTasks()
    {
        std::vector<tenon_status> begun;
        tool(
            [&](const CallBackendPtr& call)
            {
                begun.push_back(call->beginTask());
                return call->finish(R"({"content":[]})", nullptr);
            },
            TaskSupport::OPTIONAL);
        server.draft.tools[0].taskOnDemand = true;
        server.publish();
        for (const char* version : {"2024-11-05", "2025-03-26", "2025-06-18"})
            CPPUNIT_ASSERT_EQUAL(
                std::string("[]"),
                at(LegacyClient(server, version).answer("tools/call", R"("name":"t","task":{})"), "/result/content"));
        for (const auto status : begun)
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), status);
    }

    void theResultIsWaitedFor()
    {
        tool(held.keeping());
        const auto id = start();
        const auto one = result(id), two = result(id);
        CPPUNIT_ASSERT(!one->ended() && !two->ended());
        held.wait();
        held->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(one->waitForEnd() && two->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(one->answer(), "/result/content"));
        CPPUNIT_ASSERT(!one->opened()); // nothing came before: no stream
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(result(id)->answer(), "/result/content")); // and at once from now on
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(client.answer("tasks/result", R"("taskId":"none")"), "/error/code"));
    }

    void onlySoManyWaitForAResult()
    {
        tool(held.keeping());
        const auto id = start();
        for (int waiting = 0; waiting < 32; ++waiting)
            CPPUNIT_ASSERT(!result(id)->ended());
        CPPUNIT_ASSERT(result(id)->error() == tenon::jsonrpc::ErrorKind::LIMIT);
    }

    void theResultIsMarked()
    {
        tool(answering(R"({"content":[],"_meta":{"mine":1},"structuredContent":{"a":1},"resultType":"complete"})"));
        const auto id = start();
        const auto sink = result(id);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL("{\"content\":[],\"structuredContent\":{\"a\":1},\"_meta\":{\"mine\":1,"
                             "\"io.modelcontextprotocol/related-task\":{\"taskId\":" +
                                 id + "}}}",
                             at(sink->answer(), "/result"));
    }

    void aToolErrorIsAFailedTask()
    {
        tool([](const CallBackendPtr& call) { return call->fail(TENON_ERROR_FAILED, "no disk"); });
        const auto id = start();
        const auto sink = result(id);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(sink->answer(), "/result/isError"));
        const auto got = client.answer("tasks/get", "\"taskId\":" + id);
        CPPUNIT_ASSERT_EQUAL(std::string("\"failed\""), at(got, "/result/status"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"no disk\""), at(got, "/result/statusMessage"));
    }

    void aProtocolErrorComesBackAsItWas()
    {
        tool([](const CallBackendPtr& call) { return call->fail(TENON_ERROR_INTERNAL, "broken"); });
        const auto id = start();
        const auto sink = result(id);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"code":-32603,"message":"broken"})"), at(sink->answer(), "/error"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"broken\""),
                             at(client.answer("tasks/get", "\"taskId\":" + id), "/result/statusMessage"));
    }

    void cancelledTasksCannotBeCancelled()
    {
        tool(held.keeping());
        const auto id = start();
        const auto waiting = result(id);
        const auto cancelled = client.answer("tasks/cancel", "\"taskId\":" + id);
        CPPUNIT_ASSERT_EQUAL(std::string("\"cancelled\""), at(cancelled, "/result/status"));
        CPPUNIT_ASSERT(waiting->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(waiting->answer(), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(client.answer("tasks/cancel", "\"taskId\":" + id), "/error/code"));
    }

    void tasksAreListedInPages()
    {
        auto options = TestServer::defaults();
        options.pageSize = 2;
        TestServer small(options);
        small.simpleTool("t", answering(R"({"content":[]})")).taskSupport = TaskSupport::REQUIRED;
        small.publish();
        LegacyClient visitor(small, "2025-11-25", "{}", principalOf("visitor")),
            other(small, "2025-11-25", "{}", principalOf("other"));
        std::vector<std::string> ids;
        for (int count = 0; count < 3; ++count)
            ids.push_back(at(visitor.answer("tools/call", R"("name":"t","task":{})"), "/result/task/taskId"));
        const auto first = visitor.answer("tasks/list");
        CPPUNIT_ASSERT_EQUAL(ids[1], at(first, "/result/tasks/1/taskId"));
        const auto second = visitor.answer("tasks/list", "\"cursor\":" + at(first, "/result/nextCursor"));
        CPPUNIT_ASSERT_EQUAL(ids[2], at(second, "/result/tasks/0/taskId"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(second, "/result/nextCursor"));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(other.answer("tasks/list"), "/result/tasks"));
        for (const char* bad : {"\"none\"", "5"})
            CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                                 at(visitor.answer("tasks/list", std::string("\"cursor\":") + bad), "/error/code"));
    }

    void tasksAreListedToWhomeverCanBeToldFromOthers()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"cancel":{},"requests":{"tools":{"call":{}}}})"),
                             at(client.initialized(), "/result/capabilities/tasks"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32601"), at(client.answer("tasks/list"), "/error/code"));
        LegacyClient known(server, "2025-11-25", "{}", principalOf("somebody"));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(known.initialized(), "/result/capabilities/tasks/list"));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(known.answer("tasks/list"), "/result/tasks"));
    }

    void theTtlIsTheClientsUpToALimit()
    {
        tool(answering(R"({"content":[]})"));
        for (const auto& [asked, given] : std::map<std::string, std::string>{{"5000", "5000"},
                                                                             {"99999999999", "3600000"},
                                                                             {"0", "3600000"},
                                                                             {"-5", "3600000"},
                                                                             {"\"x\"", "3600000"},
                                                                             {"1.5", "3600000"}})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                asked, given,
                at(client.answer("tools/call", "\"name\":\"t\",\"task\":{\"ttl\":" + asked + "}"), "/result/task/ttl"));
    }

    void questionsGoOutOnTheStreamOfTasksResult()
    {
        tool(asking());
        const auto id = start();
        const auto sink = result(id);
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        const auto asked = sink->events()[0].text;
        CPPUNIT_ASSERT_EQUAL(std::string("\"elicitation/create\""), at(asked, "/method"));
        CPPUNIT_ASSERT_EQUAL("{\"taskId\":" + id + '}',
                             at(asked, "/params/_meta/io.modelcontextprotocol~1related-task"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"input_required\""),
                             at(client.answer("tasks/get", "\"taskId\":" + id), "/result/status"));
        client.respond(at(asked, "/id"), R"("result":{"action":"decline"})");
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("\"decline\""), at(sink->answer(), "/result/content/0/text"));
    }

    /// The question that just now reached nobody must not be taken for one that was asked.
    void whoeverListensWhileItAsksIsAsked()
    {
        constexpr std::size_t ROUNDS = 2000;
        TestServer large(TestServer::defaults(), 256, ROUNDS);
        large.simpleTool("t", asking()).taskSupport = TaskSupport::REQUIRED;
        large.publish();
        LegacyClient visitor(large, "2025-11-25", R"({"elicitation":{}})");
        for (std::size_t count = 0; count < ROUNDS; ++count)
        {
            const auto id = at(visitor.answer("tools/call", R"("name":"t","task":{})"), "/result/task/taskId");
            const auto sink = visitor.request("tasks/result", "\"taskId\":" + id, std::to_string(10000 + count));
            CPPUNIT_ASSERT(sink->waitForEvents(1));
            visitor.respond(at(sink->events()[0].text, "/id"), R"("result":{"action":"decline"})");
            CPPUNIT_ASSERT(sink->waitForEnd());
        }
    }

    /// A task that asks before anybody listens must not ask into the void.
    void questionsWaitForAStream()
    {
        tool(asking());
        const auto id = start();
        CPPUNIT_ASSERT(TestServer::eventually(
            [&]
            { return at(client.answer("tasks/get", "\"taskId\":" + id), "/result/status") == "\"input_required\""; }));
        const auto sink = result(id);
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        client.respond(at(sink->events()[0].text, "/id"), R"("result":{"action":"cancel"})");
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("\"cancel\""), at(sink->answer(), "/result/content/0/text"));
    }

    void questionsGoOutOnTheSessionsStream()
    {
        const auto stream = client.get();
        tool(asking());
        const auto id = start();
        CPPUNIT_ASSERT(stream->waitForEvents(1));
        client.respond(at(stream->events()[0].text, "/id"), R"("result":{"action":"decline"})");
        const auto sink = result(id);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("\"decline\""), at(sink->answer(), "/result/content/0/text"));
    }

    void onDemandToolsAreTasksAtOnce()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->beginTask());
                return call->finish(R"({"content":[]})", nullptr);
            });
        server.draft.tools[0].taskOnDemand = true;
        server.publish();
        const auto id = start();
        const auto sink = result(id);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(sink->answer(), "/result/content"));
    }

    void anExpiredTaskStillAnswersWhoWaits()
    {
        tool(held.keeping());
        const auto id = at(client.answer("tools/call", R"("name":"t","task":{"ttl":1})"), "/result/task/taskId");
        const auto sink = result(id);
        if (!sink->ended()) // else it had expired by then
            CPPUNIT_ASSERT(TestServer::eventually(
                [&]
                {
                    server.dispatcher->protocol().tasks.sweep();
                    return sink->ended();
                }));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(sink->answer(), "/error/code"));
    }

    void theEndOfTheSessionCancels()
    {
        tool(held.keeping());
        const auto id = start();
        held.wait();
        client.end();
        CPPUNIT_ASSERT(held->isCancelled());
        CPPUNIT_ASSERT_EQUAL(std::string("\"cancelled\""),
                             at(LegacyClient(server).answer("tasks/get", "\"taskId\":" + id), "/result/status"));
    }

private:
    void tool(FakePlugin::Function function, TaskSupport support = TaskSupport::REQUIRED)
    {
        server.draft.tools.clear();
        server.simpleTool("t", std::move(function)).taskSupport = support;
        server.publish();
    }

    static FakePlugin::Function asking()
    {
        return [](const CallBackendPtr& call) -> tenon_status
        {
            const auto asked = call->requestInput("a", ASK);
            if (asked.status != TENON_OK)
                return asked.status;
            const auto action = std::string(tenon::base::textMember(asked.answer->root(), "action"));
            return call->finish(R"({"content":[{"type":"text","text":")" + action + "\"}]}", nullptr);
        };
    }

    std::string start()
    {
        const auto created = client.answer("tools/call", R"("name":"t","task":{})");
        const auto id = at(created, "/result/task/taskId");
        CPPUNIT_ASSERT_MESSAGE(created, !id.empty());
        return id;
    }
    RecordingSinkPtr result(const std::string& id)
    {
        static int next = 5000;
        return client.request("tasks/result", "\"taskId\":" + id, std::to_string(next++));
    }

    HeldCall held;
    TestServer server;
    LegacyClient client{server, "2025-11-25", R"({"elicitation":{}})"};
};

CPPUNIT_TEST_SUITE_REGISTRATION(LegacyTaskTest);

// The extension io.modelcontextprotocol/tasks.
#include "base/threads/SteadyClock.h"
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <future>
#include <thread>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;
using tenon::plugin::CallBackendPtr;
using tenon::plugin::TaskSupport;

class TaskTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TaskTest);
    CPPUNIT_TEST(theClientHasItsTaskAtOnce);
    CPPUNIT_TEST(aTaskThatWasToldOfIsThere);
    CPPUNIT_TEST(theServerDecides);
    CPPUNIT_TEST(aRequiredTaskNeedsTheExtension);
    CPPUNIT_TEST(resultsAreKept);
    CPPUNIT_TEST(aToolErrorIsACompletedTask);
    CPPUNIT_TEST(aProtocolErrorIsAFailedTask);
    CPPUNIT_TEST(foreignTasksAreNotThere);
    CPPUNIT_TEST(cancellingEndsTheTask);
    CPPUNIT_TEST(aCancelledTaskStaysCancelled);
    CPPUNIT_TEST(theDisconnectOfTheCreatorIsNoCancellation);
    CPPUNIT_TEST(cancellationByRequestIdIsIgnored);
    CPPUNIT_TEST(tasksAskByTheirStatus);
    CPPUNIT_TEST(partialAnswersLeaveItWaiting);
    CPPUNIT_TEST(answersOfTwoClientsEnterOnce);
    CPPUNIT_TEST(anEarlyAnswerCounts);
    CPPUNIT_TEST(aKeyIsUsedOnce);
    CPPUNIT_TEST(cancellingAWaitingTaskLeavesItCancelled);
    CPPUNIT_TEST(onDemandTasksAskFirst);
    CPPUNIT_TEST(aCancelledRequestLeavesNoTaskRunning);
    CPPUNIT_TEST(tasksAreLimited);
    CPPUNIT_TEST(theTasksOfOneHolderAreLimitedAsTheOperatorSaid);
    CPPUNIT_TEST(tasksExpire);
    CPPUNIT_TEST(noDefaultDeadlineForTasks);
    CPPUNIT_TEST(newsOfTasksReachListeners);
    CPPUNIT_TEST(newsComeInOrder);
    CPPUNIT_TEST(progressBecomesTheStatusMessage);
    CPPUNIT_TEST_SUITE_END();

public:
    void tearDown() override { held.drop(); }

    void theClientHasItsTaskAtOnce()
    {
        tool(held.keeping());
        const auto created = call();
        CPPUNIT_ASSERT_EQUAL(std::string("\"task\""), at(created, "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(created, "/result/status"));
        CPPUNIT_ASSERT_EQUAL(std::string("3600000"), at(created, "/result/ttlMs"));
        CPPUNIT_ASSERT_EQUAL(std::string("500"), at(created, "/result/pollIntervalMs"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"tenon\""),
                             at(created, "/result/_meta/io.modelcontextprotocol~1serverInfo/name"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(34), at(created, "/result/taskId").size());
        CPPUNIT_ASSERT(at(created, "/result/createdAt").ends_with("Z\""));
    }

    void aTaskThatWasToldOfIsThere()
    {
        tool(held.keeping());
        const auto id = start();
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(get(id), "/result/status"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(get(id), "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(id, at(get(id), "/result/taskId"));
    }

    void theServerDecides()
    {
        tool(answering(R"({"content":[]})"), TaskSupport::FORBIDDEN);
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(call(), "/result/resultType"));
        tool(answering(R"({"content":[]})"), TaskSupport::OPTIONAL);
        CPPUNIT_ASSERT_EQUAL(std::string("\"task\""), at(call(), "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""),
                             at(server.modernAnswer("tools/call", R"("name":"t")"), "/result/resultType"));
    }

    void aRequiredTaskNeedsTheExtension()
    {
        tool(held.keeping());
        const auto sink = server.modern("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->error() == ErrorKind::MISSING_CAPABILITY);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})"),
                             at(sink->answer(), "/error/data/requiredCapabilities"));
    }

    void resultsAreKept()
    {
        tool(answering(R"({"content":[{"type":"text","text":"x"}],"structuredContent":[1]})"));
        const auto id = start();
        const auto done = until(id, "completed");
        CPPUNIT_ASSERT_EQUAL(std::string("\"x\""), at(done, "/result/result/content/0/text"));
        CPPUNIT_ASSERT_EQUAL(std::string("[1]"), at(done, "/result/result/structuredContent"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(done, "/result/inputRequests"));
        CPPUNIT_ASSERT_EQUAL(done, get(id)); // and again
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.dispatcher->callsInFlight());
    }

    void aToolErrorIsACompletedTask()
    {
        tool([](const CallBackendPtr& call) { return call->fail(TENON_ERROR_FAILED, "no disk"); });
        const auto done = until(start(), "completed");
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(done, "/result/result/isError"));
    }

    void aProtocolErrorIsAFailedTask()
    {
        tool([](const CallBackendPtr&) { return TENON_ERROR_INTERNAL; });
        const auto done = until(start(), "failed");
        CPPUNIT_ASSERT_EQUAL(std::string("-32603"), at(done, "/result/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(done, "/result/result"));
    }

    void foreignTasksAreNotThere()
    {
        tool(held.keeping());
        const auto id = start();
        auto other = how();
        other.principal = principalOf("other");
        for (const char* method : {"tasks/get", "tasks/cancel", "tasks/update"})
            CPPUNIT_ASSERT_EQUAL(
                std::string("-32602"),
                at(server.modernAnswer(method, "\"taskId\":" + id + R"(,"inputResponses":{})", other), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(get(id), "/result/status"));
        for (const char* method : {"tasks/get", "tasks/cancel", "tasks/update"})
            CPPUNIT_ASSERT_EQUAL(
                std::string("-32602"),
                at(server.modernAnswer(method, R"("taskId":"none","inputResponses":{})", how()), "/error/code"));
    }

    void cancellingEndsTheTask()
    {
        tool(held.keeping());
        const auto id = start();
        held.wait();
        const auto cancelled = server.modernAnswer("tasks/cancel", "\"taskId\":" + id, how());
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(cancelled, "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(cancelled, "/result/status"));
        CPPUNIT_ASSERT(held->isCancelled());
        CPPUNIT_ASSERT_EQUAL(std::string("\"cancelled\""), at(get(id), "/result/status"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.dispatcher->callsInFlight());
    }

    void aCancelledTaskStaysCancelled()
    {
        tool(held.keeping());
        const auto id = start();
        held.wait();
        (void)server.modernAnswer("tasks/cancel", "\"taskId\":" + id, how());
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_STATE), held->finish(R"({"content":[]})", nullptr));
        held->progress(1, 2, "still here");
        (void)server.modernAnswer("tasks/cancel", "\"taskId\":" + id, how());
        (void)server.modernAnswer("tasks/update", "\"taskId\":" + id + R"(,"inputResponses":{"k":{}})", how());
        CPPUNIT_ASSERT_EQUAL(std::string("\"cancelled\""), at(get(id), "/result/status"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(get(id), "/result/statusMessage"));
    }

    void theDisconnectOfTheCreatorIsNoCancellation()
    {
        tool(held.keeping());
        const auto sink = server.modern("tools/call", R"("name":"t")", how());
        CPPUNIT_ASSERT(sink->waitForEnd());
        sink->disconnect();
        held.wait();
        CPPUNIT_ASSERT(!held->isCancelled());
    }

    void cancellationByRequestIdIsIgnored()
    {
        tool(held.keeping());
        const auto session = server.dispatcher->openConnectionSession(tenon::mcp::Transport::STDIO, server.anybody,
                                                                      std::make_shared<RecordingSink>());
        const auto send = [&](const std::string& body) { return server.sendOn(session, body); };
        send(TestServer::modernBody("tools/call", R"("name":"t")", how()));
        held.wait();
        send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})");
        CPPUNIT_ASSERT(!held->isCancelled());
    }

    void tasksAskByTheirStatus()
    {
        tool(asking({"a", "b"}));
        const auto id = start();
        const auto waiting = until(id, "input_required");
        CPPUNIT_ASSERT_EQUAL(ASK, at(waiting, "/result/inputRequests/a"));
        CPPUNIT_ASSERT_EQUAL(ASK, at(waiting, "/result/inputRequests/b"));
        const auto updated = update(id, R"({"a":{"action":"decline"},"b":{"action":"cancel"},"x":{}})");
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(updated, "/result/resultType"));
        const auto done = until(id, "completed");
        CPPUNIT_ASSERT_EQUAL(std::string("\"declinecancel\""), at(done, "/result/result/content/0/text"));
    }

    void partialAnswersLeaveItWaiting()
    {
        tool(asking({"a", "b"}));
        const auto id = start();
        (void)until(id, "input_required");
        (void)update(id, R"({"a":{"action":"decline"},"b":5})");
        const auto waiting = get(id);
        CPPUNIT_ASSERT_EQUAL(std::string("\"input_required\""), at(waiting, "/result/status"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(waiting, "/result/inputRequests/a"));
        CPPUNIT_ASSERT_EQUAL(ASK, at(waiting, "/result/inputRequests/b"));
        (void)update(id, R"({"a":{"action":"accept"},"b":{"action":"decline"}})");
        CPPUNIT_ASSERT_EQUAL(std::string("\"declinedecline\""),
                             at(until(id, "completed"), "/result/result/content/0/text"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(update(id, "5"), "/error/code"));
    }

    /// The plugin must not be entered a second time by an answer that comes while it waits for its turn.
    void answersOfTwoClientsEnterOnce()
    {
        std::atomic<int> entered{0};
        const auto inner = asking({"a"});
        tool(
            [&](const CallBackendPtr& call)
            {
                ++entered;
                return inner(call);
            });
        auto& entry = server.draft.tools[0];
        entry.queue = TestServer::admission(tenon::plugin::EntryQueue::Concurrency::SERIAL, 1, 100);
        server.publish();
        const auto id = start();
        (void)until(id, "input_required");
        // Somebody else holds the tool, so that the task has to queue for its second entry.
        CPPUNIT_ASSERT(entry.queue->enter("x", nullptr) == tenon::plugin::EntryQueue::Entry::NOW);
        (void)update(id, R"({"a":{"action":"decline"}})");
        for (int count = 0; count < 10; ++count)
            (void)update(id, R"({"x":{}})");
        CPPUNIT_ASSERT(TestServer::eventually([&] { return entry.queue->queued() == 1; }));
        entry.queue->leave("x");
        (void)until(id, "completed");
        CPPUNIT_ASSERT_EQUAL(2, entered.load());
    }

    /// A client may know the keys of a tool, and answer while its function still asks.
    void anEarlyAnswerCounts()
    {
        std::promise<void> asked, answered;
        const auto inner = asking({"a"});
        std::atomic<int> entered{0};
        tool(
            [&](const CallBackendPtr& call)
            {
                const auto status = inner(call);
                if (++entered == 1)
                {
                    asked.set_value();
                    answered.get_future().wait();
                }
                return status;
            });
        const auto id = start();
        asked.get_future().wait();
        (void)update(id, R"({"a":{"action":"decline"}})");
        answered.set_value();
        CPPUNIT_ASSERT_EQUAL(std::string("\"decline\""), at(until(id, "completed"), "/result/result/content/0/text"));
    }

    void aKeyIsUsedOnce()
    {
        std::atomic<int> status{0};
        tool(
            [&](const CallBackendPtr& call) -> tenon_status
            {
                const auto first = call->requestInput("a", ASK);
                if (first.status != TENON_OK)
                {
                    status = first.status;
                    return first.status;
                }
                return call->finish(R"({"content":[]})", nullptr);
            });
        const auto id = start();
        (void)until(id, "input_required");
        // No ElicitResult: it is asked again, under another key, and not for ever.
        for (const std::string key : {"a", "a-2", "a-3"})
        {
            std::string last;
            CPPUNIT_ASSERT(TestServer::eventually(
                [&]
                {
                    last = get(id);
                    return !at(last, "/result/inputRequests/" + key).empty();
                }));
            (void)update(id, "{\"" + key + R"(":{"roots":[]}})");
        }
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(until(id, "completed"), "/result/result/isError"));
        CPPUNIT_ASSERT_EQUAL(int(TENON_ERROR_INVALID_ANSWER), status.load());
    }

    void cancellingAWaitingTaskLeavesItCancelled()
    {
        for (int round = 0; round < 50; ++round)
        {
            server.draft.tools.clear();
            tool(asking({"a"}));
            const auto id = start();
            (void)server.modernAnswer("tasks/cancel", "\"taskId\":" + id, how());
            (void)update(id, R"({"a":{"action":"decline"}})");
            CPPUNIT_ASSERT_EQUAL(std::string("\"cancelled\""), at(get(id), "/result/status"));
        }
        server.executor.stop();
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.dispatcher->callsInFlight());
    }

    void onDemandTasksAskFirst()
    {
        tool(
            [this](const CallBackendPtr& call) -> tenon_status
            {
                const auto asked = call->requestInput("a", ASK);
                if (asked.status != TENON_OK)
                    return asked.status;
                if (const auto begun = call->beginTask(); begun != TENON_OK)
                    return begun;
                CPPUNIT_ASSERT(call->clientHas(TENON_CLIENT_TASK));
                return held.keep(call);
            });
        server.draft.tools[0].taskOnDemand = true;
        server.publish();
        const auto first = call();
        CPPUNIT_ASSERT_EQUAL(std::string("\"input_required\""), at(first, "/result/resultType"));
        const auto second =
            server.modernAnswer("tools/call",
                                R"("name":"t","inputResponses":{"a":{"action":"decline"}},"requestState":)" +
                                    at(first, "/result/requestState"),
                                how());
        CPPUNIT_ASSERT_EQUAL(std::string("\"task\""), at(second, "/result/resultType"));
        held->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT_EQUAL(std::string("[]"),
                             at(until(at(second, "/result/taskId"), "completed"), "/result/result/content"));
    }

    /// Between the plugin's asking for a task and its being one, the client may go.
    void aCancelledRequestLeavesNoTaskRunning()
    {
        std::promise<void> inside, gone;
        tool(
            [&](const CallBackendPtr& call)
            {
                inside.set_value();
                gone.get_future().wait();
                call->beginTask();
                return TENON_ERROR_CANCELLED;
            });
        server.draft.tools[0].taskOnDemand = true;
        server.publish();
        const auto sink = std::make_shared<RecordingSink>();
        std::thread caller(
            [&]
            {
                server.send(TestServer::modernBody("tools/call", R"("name":"t")", how()),
                            TestServer::modernHeaders("tools/call", "t"), sink);
            });
        inside.get_future().wait();
        sink->disconnect();
        gone.set_value();
        caller.join();
        for (const auto& task : server.taskStore.list("anonymous", {}, 10))
            CPPUNIT_ASSERT(tenon::store::isTerminal(task.status));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.dispatcher->callsInFlight());
    }

    void tasksAreLimited()
    {
        TestServer small(TestServer::defaults(), 256, 1);
        small.simpleTool("t", [](const CallBackendPtr& call) { return call->finish(R"({"content":[]})", nullptr); })
            .taskSupport = TaskSupport::REQUIRED;
        small.publish();
        (void)small.modernAnswer("tools/call", R"("name":"t")", how());
        CPPUNIT_ASSERT(small.modern("tools/call", R"("name":"t")", how())->error() == ErrorKind::LIMIT);
        auto& gauge =
            small.metrics.gauge("tenon_tool_calls_in_flight", "Calls of a tool that run now", {{"tool", "t"}});
        CPPUNIT_ASSERT(TestServer::eventually([&] { return gauge.value() == 0; }));
    }

    void theTasksOfOneHolderAreLimitedAsTheOperatorSaid()
    {
        tool(answering(R"({"content":[]})"));
        server.allowance.holder = "alice";
        server.allowance.limits.tasks = 2;
        (void)start();
        (void)start();
        CPPUNIT_ASSERT(server.modern("tools/call", R"("name":"t")", how())->error() == ErrorKind::QUOTA);
        server.allowance.holder = "bob";
        (void)start();
    }

    void tasksExpire()
    {
        auto options = TestServer::defaults();
        options.taskTtlMs = 1;
        TestServer brief(options);
        brief.simpleTool("t", held.keeping()).taskSupport = TaskSupport::REQUIRED;
        brief.publish();
        const auto id = at(brief.modernAnswer("tools/call", R"("name":"t")", how()), "/result/taskId");
        held.wait();
        CPPUNIT_ASSERT(TestServer::eventually(
            [&]
            {
                brief.dispatcher->protocol().tasks.sweep();
                return held->isCancelled();
            }));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(brief.modernAnswer("tasks/get", "\"taskId\":" + id, how()), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), brief.dispatcher->callsInFlight());
        held.drop();
    }

    void noDefaultDeadlineForTasks()
    {
        tool(held.keeping());
        const auto id = start();
        held.wait();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), held->deadlineMs());
        server.dispatcher->protocol().calls.checkDeadlines(tenon::base::steadyMs() + 1'000'000'000);
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(get(id), "/result/status"));
        held->finish(R"({"content":[]})", nullptr);
        server.draft.tools[0].timeoutMs = 1000;
        server.publish();
        const auto bounded = start();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return server.dispatcher->callsInFlight() == 1; }));
        server.dispatcher->protocol().calls.checkDeadlines(tenon::base::steadyMs() + 2'000);
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(until(bounded, "completed"), "/result/result/isError"));
    }

    void newsOfTasksReachListeners()
    {
        tool(asking({"a"}));
        const auto id = start();
        (void)until(id, "input_required");
        const auto sink =
            server.modern("subscriptions/listen", "\"notifications\":{\"taskIds\":[" + id + R"(,"none"]})", how());
        CPPUNIT_ASSERT_EQUAL("[" + id + "]", at(sink->events()[0].text, "/params/notifications/taskIds"));
        auto other = how();
        other.principal = principalOf("other");
        const auto foreign =
            server.modern("subscriptions/listen", "\"notifications\":{\"taskIds\":[" + id + "]}", other);
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(foreign->events()[0].text, "/params/notifications/taskIds"));
        (void)update(id, R"({"a":{"action":"decline"}})");
        CPPUNIT_ASSERT(sink->waitForEvents(3));
        const auto events = sink->events();
        CPPUNIT_ASSERT_EQUAL(std::string("\"notifications/tasks\""), at(events[1].text, "/method"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(events[1].text, "/params/status"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"completed\""), at(events[2].text, "/params/status"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"decline\""), at(events[2].text, "/params/result/content/0/text"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"),
                             at(events[2].text, "/params/_meta/io.modelcontextprotocol~1subscriptionId"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), foreign->events().size());
    }

    void newsComeInOrder()
    {
        for (int round = 0; round < 20; ++round)
        {
            server.draft.tools.clear();
            tool(held.keeping());
            const auto id = start();
            held.wait();
            const auto sink =
                server.modern("subscriptions/listen", "\"notifications\":{\"taskIds\":[" + id + "]}", how());
            std::thread reporter(
                [call = held.get()]
                {
                    for (int count = 0; count < 20; ++count)
                        call->progress(count, 0, std::to_string(count));
                });
            held->finish(R"({"content":[]})", nullptr);
            reporter.join();
            const auto events = sink->events();
            CPPUNIT_ASSERT_EQUAL(std::string("\"completed\""), at(events.back().text, "/params/status"));
            for (std::size_t index = 1; index + 1 < events.size(); ++index)
                CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(events[index].text, "/params/status"));
            held.drop();
        }
    }

    void progressBecomesTheStatusMessage()
    {
        tool(held.keeping());
        const auto id = start();
        held.wait();
        held->progress(1, 2, "half");
        CPPUNIT_ASSERT_EQUAL(std::string("\"half\""), at(get(id), "/result/statusMessage"));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), held->log(TENON_LOG_ERROR, "", "1"));
    }

private:
    static TestServer::Modern how()
    {
        TestServer::Modern how;
        how.capabilities = R"({"elicitation":{},"extensions":{"io.modelcontextprotocol/tasks":{}}})";
        return how;
    }

    void tool(FakePlugin::Function function, TaskSupport support = TaskSupport::REQUIRED)
    {
        server.draft.tools.clear();
        server.simpleTool("t", std::move(function)).taskSupport = support;
        server.publish();
    }

    /// Asks under all keys in one round, then says the actions.
    static FakePlugin::Function asking(std::vector<std::string> keys)
    {
        return [keys = std::move(keys)](const CallBackendPtr& call) -> tenon_status
        {
            std::string said;
            bool pending = false;
            for (const auto& key : keys)
            {
                const auto asked = call->requestInput(key, ASK);
                if (asked.status < 0)
                    return asked.status;
                if (asked.status == TENON_OK)
                    said += tenon::base::textMember(asked.answer->root(), "action");
                else
                    pending = true;
            }
            return pending ? TENON_INPUT_PENDING
                           : call->finish(R"({"content":[{"type":"text","text":")" + said + "\"}]}", nullptr);
        };
    }

    std::string call() { return server.modernAnswer("tools/call", R"("name":"t")", how()); }
    std::string start()
    {
        const auto created = call();
        CPPUNIT_ASSERT_EQUAL(std::string("\"task\""), at(created, "/result/resultType"));
        return at(created, "/result/taskId");
    }
    std::string get(const std::string& id) { return server.modernAnswer("tasks/get", "\"taskId\":" + id, how()); }
    std::string update(const std::string& id, const std::string& responses)
    {
        return server.modernAnswer("tasks/update", "\"taskId\":" + id + ",\"inputResponses\":" + responses, how());
    }
    std::string until(const std::string& id, const std::string& status)
    {
        std::string last;
        CPPUNIT_ASSERT_MESSAGE(last, TestServer::eventually(
                                         [&]
                                         {
                                             last = get(id);
                                             return at(last, "/result/status") == '"' + status + '"';
                                         }));
        return last;
    }

    HeldCall held;
    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(TaskTest);

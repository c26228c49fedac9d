// Tasks at several instances.
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;
using tenon::plugin::CallBackendPtr;
using tenon::plugin::TaskSupport;

namespace
{
const std::string CAPABILITIES = R"({"extensions":{"io.modelcontextprotocol/tasks":{}},"elicitation":{}})";
} // namespace

class ClusterTaskTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ClusterTaskTest);
    CPPUNIT_TEST(aTaskIsKnownEverywhere);
    CPPUNIT_TEST(answersAndCancellationsReachTheTask);
    CPPUNIT_TEST(aTaskOfAnInstanceThatIsGoneHasFailed);
    CPPUNIT_TEST(aResultOutlivesItsInstance);
    CPPUNIT_TEST(whoWasThoughtToBeGoneLearnsOfIt);
    CPPUNIT_TEST(whoStoodStillAndCannotAskSaysNothing);
    CPPUNIT_TEST(newsOfTasksTravel);
    CPPUNIT_TEST(listsHaveTheTasksOfAll);
    CPPUNIT_TEST(resultsAreWaitedForElsewhere);
    CPPUNIT_TEST(foreignAndUnknownTasksAreNotThere);
    CPPUNIT_TEST(whatIsNotAnsweredIsNotGone);
    CPPUNIT_TEST(aTaskThatALaterVersionKeepsIsLeftAlone);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        one = start("one");
        two = start("two");
        fleet.hub.signOfLife();
        (void)fleet.hub.deliver(); // that they are here
    }

    void tearDown() override { held.drop(); }

    void aTaskIsKnownEverywhere()
    {
        const auto id = begin();
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(get(*two, id), "/result/status"));
        held.take()->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT_EQUAL(std::string("\"completed\""), at(get(*two, id), "/result/status"));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(get(*two, id), "/result/result/content"));
    }

    void answersAndCancellationsReachTheTask()
    {
        asking = true;
        const auto id = begin();
        CPPUNIT_ASSERT(fleet.eventually([&] { return at(get(*two, id), "/result/status") == "\"input_required\""; }));
        const auto asked = tenon::base::JsonDocument::parse(get(*two, id));
        simdjson::dom::object requests;
        CPPUNIT_ASSERT(!asked->root().at_pointer("/result/inputRequests").get_object().get(requests));
        const std::string key((*requests.begin()).key);
        asking = false;
        (void)answered(two->modern(
            "tasks/update",
            "\"taskId\":" + id + R"(,"inputResponses":{")" + key + R"(":{"action":"accept","content":{}}})", how()));
        CPPUNIT_ASSERT(fleet.eventually([&] { return held.get() != nullptr; }));
        (void)answered(two->modern("tasks/cancel", "\"taskId\":" + id, how()));
        CPPUNIT_ASSERT(held->isCancelled());
        CPPUNIT_ASSERT_EQUAL(std::string("\"cancelled\""), at(get(*two, id), "/result/status"));
    }

    void aTaskOfAnInstanceThatIsGoneHasFailed()
    {
        const auto id = begin();
        kill(*one);
        for (int times = 0; times < 2; ++times)
        {
            const auto task = get(*two, id);
            CPPUNIT_ASSERT_EQUAL(std::string("\"failed\""), at(task, "/result/status"));
            CPPUNIT_ASSERT(task.find("is gone") != std::string::npos);
        }
        const auto three = start("three");
        CPPUNIT_ASSERT_EQUAL(std::string("\"failed\""), at(get(*three, id), "/result/status"));
    }

    void aResultOutlivesItsInstance()
    {
        const auto id = begin();
        held.take()->finish(R"({"content":[]})", nullptr);
        kill(*one);
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(get(*two, id), "/result/result/content"));
    }

    void whoWasThoughtToBeGoneLearnsOfIt()
    {
        const auto id = begin();
        kill(*one); // it only was stopped for a while
        CPPUNIT_ASSERT_EQUAL(std::string("\"failed\""), at(get(*two, id), "/result/status"));
        held.take()->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(fleet.eventually([&] { return at(get(*one, id), "/result/status") == "\"failed\""; }));
        CPPUNIT_ASSERT_EQUAL(std::string("\"failed\""), at(get(*two, id), "/result/status"));
    }

    void whoStoodStillAndCannotAskSaysNothing()
    {
        const auto id = begin();
        kill(*one); // it only was stopped for a while
        CPPUNIT_ASSERT_EQUAL(std::string("\"failed\""), at(get(*two, id), "/result/status"));
        fleet.archive.leave();
        const auto sink = one->modern("tasks/get", "\"taskId\":" + id, how());
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->ended(); }));
        CPPUNIT_ASSERT(sink->error() == ErrorKind::LIMIT); // not that it works
        fleet.archive.comeBack(true);
        CPPUNIT_ASSERT_EQUAL(std::string("\"failed\""), at(get(*one, id), "/result/status"));
    }

    void newsOfTasksTravel()
    {
        const auto id = begin();
        auto listening = how();
        const auto stream =
            two->modern("subscriptions/listen", R"("notifications":{"taskIds":[)" + id + "]}", listening);
        CPPUNIT_ASSERT(stream->waitForEvents(1));
        CPPUNIT_ASSERT_EQUAL(id, at(stream->events()[0].text, "/params/notifications/taskIds/0"));
        auto other = how();
        other.principal = principalOf("somebody else");
        const auto foreign = two->modern("subscriptions/listen", R"("notifications":{"taskIds":[)" + id + "]}", other);
        CPPUNIT_ASSERT(foreign->waitForEvents(1));
        held.take()->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(fleet.eventually([&] { return stream->events().size() == 2; }));
        CPPUNIT_ASSERT_EQUAL(std::string("\"completed\""), at(stream->events()[1].text, "/params/status"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), foreign->events().size());
        stream->disconnect();
        foreign->disconnect();
    }

    void listsHaveTheTasksOfAll()
    {
        const auto alice = principalOf("alice");
        LegacyClient client(*one, "2025-11-25", "{}", alice);
        LegacyClient there(*two, client);
        const auto first = at(client.answer("tools/call", R"("name":"t","task":{})"), "/result/task/taskId");
        const auto second = at(there.answer("tools/call", R"("name":"t","task":{})"), "/result/task/taskId");
        const auto list = there.answer("tasks/list");
        CPPUNIT_ASSERT_EQUAL(first, at(list, "/result/tasks/0/taskId"));
        CPPUNIT_ASSERT_EQUAL(second, at(list, "/result/tasks/1/taskId"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(there.answer("tasks/list", R"("cursor":"x")"), "/error/code"));
    }

    void resultsAreWaitedForElsewhere()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto id = at(client.answer("tools/call", R"("name":"t","task":{})"), "/result/task/taskId");
        held.wait();
        const auto sink = there.request("tasks/result", "\"taskId\":" + id, "7");
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->ended() || fleet.hub.deliver() == 0; }));
        held.take()->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->finished(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("7"), at(sink->answer(), "/id"));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(sink->answer(), "/result/content"));
    }

    void foreignAndUnknownTasksAreNotThere()
    {
        const auto id = begin();
        auto other = how();
        other.principal = principalOf("somebody else");
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(answered(two->modern("tasks/get", "\"taskId\":" + id, other)), "/error/code"));
        for (const std::string unknown : {"\"x\"", "\"one.12345678.x\""})
            CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(get(*two, unknown), "/error/code"));
        kill(*one);
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(answered(two->modern("tasks/get", "\"taskId\":" + id, other)), "/error/code"));
    }

    void whatIsNotAnsweredIsNotGone()
    {
        const auto id = begin();
        fleet.archive.leave();
        const auto sink = two->modern("tasks/get", "\"taskId\":" + id, how());
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->ended(); }));
        CPPUNIT_ASSERT(sink->error() == ErrorKind::LIMIT);
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(get(*one, id), "/result/status"));
        fleet.archive.comeBack(true);
        CPPUNIT_ASSERT_EQUAL(std::string("\"working\""), at(get(*two, id), "/result/status"));
        kill(*one);
        CPPUNIT_ASSERT_EQUAL(std::string("\"failed\""), at(get(*two, id), "/result/status"));
    }

    void aTaskThatALaterVersionKeepsIsLeftAlone()
    {
        const auto id = begin();
        kill(*one);
        for (const char* text : {R"({"form":2,"status":{}})", R"({"form":1,"status":9})"})
        {
            keep(id, text);
            const auto sink = two->modern("tasks/get", "\"taskId\":" + id, how());
            CPPUNIT_ASSERT(fleet.eventually([&] { return sink->ended(); }));
            CPPUNIT_ASSERT_MESSAGE(text, sink->error() == ErrorKind::LIMIT);
            CPPUNIT_ASSERT_EQUAL(std::string(text), kept(id)); // whoever understands it goes on with it
        }
    }

private:
    static std::string plain(const std::string& id) { return id.substr(1, id.size() - 2); }

    std::string kept(const std::string& id)
    {
        std::string text;
        fleet.archive.get(tenon::store::RecordKind::TASK, plain(id),
                          [&text](tenon::store::Outcome, const tenon::store::Record& record) { text = record.text; });
        return text;
    }

    void keep(const std::string& id, const std::string& text)
    {
        fleet.archive.put({tenon::store::RecordKind::TASK, plain(id), "anonymous", 0, text, 60'000}, nullptr);
    }

    std::unique_ptr<TestServer> start(const std::string& name)
    {
        auto server = std::make_unique<TestServer>(fleet, name);
        server
            ->simpleTool("t",
                         [this](const CallBackendPtr& call) -> tenon_status
                         {
                             if (asking)
                                 return call->requestInput("name", ASK).status;
                             return held.keep(call);
                         })
            .taskSupport = TaskSupport::OPTIONAL;
        server->publish();
        fleet.hub.signOfLife();
        return server;
    }

    static TestServer::Modern how()
    {
        TestServer::Modern modern;
        modern.capabilities = CAPABILITIES;
        return modern;
    }

    std::string answered(const RecordingSinkPtr& sink)
    {
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->ended(); }));
        return sink->answer();
    }

    /// The id of a task at the first instance, JSON text.
    std::string begin()
    {
        const auto id = at(answered(one->modern("tools/call", R"("name":"t")", how())), "/result/taskId");
        CPPUNIT_ASSERT(id.starts_with('"' + one->services.instance.tag() + '.'));
        if (!asking)
            held.wait();
        return id;
    }

    std::string get(TestServer& server, const std::string& id)
    {
        return answered(server.modern("tasks/get", "\"taskId\":" + id, how()));
    }

    void kill(TestServer& server)
    {
        fleet.hub.kill(server.services.instance.tag());
        fleet.hub.signOfLife();
    }

    TestFleet fleet;
    HeldCall held;
    std::atomic<bool> asking{false};
    std::unique_ptr<TestServer> one, two;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClusterTaskTest);

// What clients make the server keep, and what happens when it keeps enough.
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;
using tenon::plugin::CallBackendPtr;
using tenon::plugin::TaskSupport;

class MemoryTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MemoryTest);
    CPPUNIT_TEST(aCallKeepsItsArgumentsCounted);
    CPPUNIT_TEST(oneHolderLeavesRoomForOthers);
    CPPUNIT_TEST(aBatchIsCountedOnce);
    CPPUNIT_TEST(aResultThatCannotBeKeptFailsItsTask);
    CPPUNIT_TEST(keptResultsLeaveRoomForCalls);
    CPPUNIT_TEST(answersOfClientsAreCounted);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::uint64_t MB = 1024 * 1024;

public:
    void setUp() override
    {
        server.simpleTool("t", held.keeping());
        server
            .simpleTool("task",
                        [](const CallBackendPtr& call) {
                            return call->finish(R"({"content":[],"structuredContent":{"x":")" +
                                                    std::string(MB / 2, 'x') + "\"}}",
                                                nullptr);
                        })
            .taskSupport = TaskSupport::REQUIRED;
        server.publish();
    }

    void tearDown() override { held.drop(); }

    void aCallKeepsItsArgumentsCounted()
    {
        // A megabyte and a half is for this.
        const auto running = call("1", 1'200'000);
        CPPUNIT_ASSERT(!running->finished());
        CPPUNIT_ASSERT(server.budget.used() > 1'200'000);
        auto first = held.take();
        const auto refused = call("2", 1'200'000);
        CPPUNIT_ASSERT(refused->error() == ErrorKind::LIMIT);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), at(refused->answer(), "/id"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32603"), at(refused->answer(), "/error/code"));
        const auto small = call("3", 10);
        CPPUNIT_ASSERT(!small->finished());
        finish(held.take());
        finish(std::move(first));
        CPPUNIT_ASSERT(running->waitForEnd() && small->waitForEnd());
        CPPUNIT_ASSERT(running->error() == ErrorKind::NONE && small->error() == ErrorKind::NONE);
        CPPUNIT_ASSERT(TestServer::eventually([&] { return server.budget.used() == 0; }));
    }

    void oneHolderLeavesRoomForOthers()
    {
        TestServer large(TestServer::defaults(), 256, 100, 180 * MB); // a holder has a tenth
        large.simpleTool("t", held.keeping());
        large.publish();
        large.allowance.holder = "alice";
        const auto one = call("1", 10 * MB, large);
        auto alices = held.take();
        CPPUNIT_ASSERT(call("2", 10 * MB, large)->error() == ErrorKind::QUOTA);
        large.allowance.holder = "bob";
        const auto other = call("3", 10 * MB, large);
        CPPUNIT_ASSERT(!other->finished());
        finish(held.take());
        finish(std::move(alices));
        CPPUNIT_ASSERT(one->waitForEnd() && other->waitForEnd());
    }

    void aBatchIsCountedOnce()
    {
        LegacyClient client(server, "2025-03-26");
        std::string batch = "[";
        for (int id = 1; id <= 10; ++id)
            batch += (id > 1 ? "," : "") + std::string(R"({"jsonrpc":"2.0","id":)") + std::to_string(id) +
                     R"(,"method":"tools/call","params":{"name":"t","arguments":{"x":")" + std::string(100'000, 'x') +
                     "\"}}}";
        const auto sink = client.post(batch + ']');
        CPPUNIT_ASSERT(!sink->finished());
        CPPUNIT_ASSERT(server.budget.used() > 1'000'000 && server.budget.used() < 1'200'000);
        held.drop();
        client.end();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return server.budget.used() == 0; }));
        const auto large = LegacyClient(server, "2025-03-26").post("[\"" + std::string(2 * MB, 'x') + "\"]");
        CPPUNIT_ASSERT(large->error() == ErrorKind::LIMIT);
    }

    void aResultThatCannotBeKeptFailsItsTask()
    {
        const auto first = task();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return status(first) == "\"completed\""; }));
        const auto second = task();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return status(second) == "\"failed\""; }));
        CPPUNIT_ASSERT(server.budget.used() > MB / 2 && server.budget.used() < MB);
    }

    void keptResultsLeaveRoomForCalls()
    {
        for (int number = 0; number < 4; ++number)
        {
            const auto id = task();
            CPPUNIT_ASSERT(TestServer::eventually([&] { return status(id) != "\"working\""; }));
        }
        const auto sink = call("1", 1'200'000);
        CPPUNIT_ASSERT(!sink->finished());
        finish(held.take());
        CPPUNIT_ASSERT(sink->waitForEnd() && sink->error() == ErrorKind::NONE);
    }

    void answersOfClientsAreCounted()
    {
        server.draft.tools.clear();
        server.simpleTool("asks",
                          [this](const CallBackendPtr& call)
                          {
                              const auto asked = call->requestInput("k", R"({"method":"elicitation/create","params":)"
                                                                         R"({"message":"?","requestedSchema":)"
                                                                         R"({"type":"object","properties":)"
                                                                         R"({"x":{"type":"string"}}}}})");
                              return asked.status == TENON_OK ? held.keep(call) : asked.status;
                          });
        server.publish();
        LegacyClient client(server, "2025-11-25", R"({"elicitation":{}})");
        const auto sink = client.request("tools/call", R"("name":"asks")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        client.respond(at(sink->events()[0].text, "/id"),
                       R"("result":{"action":"accept","content":{"x":")" + std::string(MB, 'x') + "\"}}");
        held.wait();
        CPPUNIT_ASSERT(server.budget.used() > MB);
        finish(held.take());
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT(TestServer::eventually([&] { return server.budget.used() < MB; }));
    }

private:
    RecordingSinkPtr call(const std::string& id, std::size_t bytes) { return call(id, bytes, server); }
    static RecordingSinkPtr call(const std::string& id, std::size_t bytes, TestServer& to)
    {
        TestServer::Modern how;
        how.id = id;
        return to.modern("tools/call", R"("name":"t","arguments":{"x":")" + std::string(bytes, 'x') + "\"}", how);
    }

    static void finish(CallBackendPtr call)
    {
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->finish(R"({"content":[]})", nullptr));
    }

    static TestServer::Modern withTasks()
    {
        TestServer::Modern how;
        how.capabilities = R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})";
        return how;
    }
    std::string task()
    {
        return at(server.modernAnswer("tools/call", R"("name":"task")", withTasks()), "/result/taskId");
    }
    std::string status(const std::string& id)
    {
        return at(server.modernAnswer("tasks/get", "\"taskId\":" + id, withTasks()), "/result/status");
    }

    HeldCall held;
    TestServer server{TestServer::defaults(), 256, 100, 6 * MB};
};

CPPUNIT_TEST_SUITE_REGISTRATION(MemoryTest);

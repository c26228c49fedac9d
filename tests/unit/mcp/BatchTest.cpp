// Batches, which 2025-03-26 alone has.
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;
using tenon::plugin::CallBackendPtr;

class BatchTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BatchTest);
    CPPUNIT_TEST(everyRequestIsAnswered);
    CPPUNIT_TEST(notificationsAloneNeedNoAnswer);
    CPPUNIT_TEST(otherRevisionsHaveNone);
    CPPUNIT_TEST(batchesAreLimited);
    CPPUNIT_TEST(initializeIsNoPartOfABatch);
    CPPUNIT_TEST(answersWaitForTheSlowest);
    CPPUNIT_TEST(aCancelledCallIsLeftOut);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server.simpleTool("t", saying("x"));
        server.simpleTool("later",
                          [this](const CallBackendPtr& call)
                          {
                              held.push_back(call);
                              return TENON_ASYNC;
                          });
        server.publish();
    }

    void tearDown() override { held.clear(); }

    void everyRequestIsAnswered()
    {
        const auto sink =
            client.post("[" + ping("1") + ',' + call("2", "t") + ",5," +
                        R"({"jsonrpc":"2.0","id":3,"method":"no/such"},{"jsonrpc":"2.0","method":"notifications/x"}])");
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT(sink->error() == ErrorKind::NONE);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), at(sink->answer(), "/0/id"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"x\""), at(sink->answer(), "/1/result/content/0/text"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32600"), at(sink->answer(), "/2/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32601"), at(sink->answer(), "/3/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(sink->answer(), "/4"));
    }

    void notificationsAloneNeedNoAnswer()
    {
        const auto sink =
            client.post(R"([{"jsonrpc":"2.0","method":"notifications/x"},{"jsonrpc":"2.0","id":9,"result":{}}])");
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT(sink->answer().empty());
        CPPUNIT_ASSERT(sink->error() == ErrorKind::NONE);
    }

    void otherRevisionsHaveNone()
    {
        for (const char* version : {"2024-11-05", "2025-06-18", "2025-11-25"})
            CPPUNIT_ASSERT(LegacyClient(server, version).post("[" + ping("1") + "]")->error() ==
                           ErrorKind::INVALID_REQUEST);
        CPPUNIT_ASSERT(server
                           .send("[" + TestServer::modernBody("tools/list", {}, {}) + "]",
                                 TestServer::modernHeaders("tools/list", {}))
                           ->error() == ErrorKind::INVALID_REQUEST);
    }

    void batchesAreLimited()
    {
        CPPUNIT_ASSERT(client.post("[]")->error() == ErrorKind::INVALID_REQUEST);
        std::string many = "[" + ping("0");
        for (int index = 1; index < 100; ++index)
            many += ',' + ping(std::to_string(index));
        CPPUNIT_ASSERT(client.post(many + "]")->error() == ErrorKind::NONE);
        CPPUNIT_ASSERT(client.post(many + ',' + ping("100") + "]")->error() == ErrorKind::INVALID_REQUEST);
    }

    void initializeIsNoPartOfABatch()
    {
        const auto sink = client.post(
            R"([{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26"}}])");
        CPPUNIT_ASSERT_EQUAL(std::string("-32600"), at(sink->answer(), "/0/error/code"));
    }

    void answersWaitForTheSlowest()
    {
        const auto sink = client.post("[" + call("1", "later") + ',' + ping("2") + ',' + call("3", "later") + "]");
        CPPUNIT_ASSERT(!sink->ended());
        held[1]->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(!sink->ended());
        held[0]->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("2"), at(sink->answer(), "/0/id"));
        CPPUNIT_ASSERT_EQUAL(std::string("3"), at(sink->answer(), "/1/id"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), at(sink->answer(), "/2/id"));
    }

    void aCancelledCallIsLeftOut()
    {
        const auto sink = client.post("[" + call("1", "later") + ',' + ping("2") + "]");
        client.notify("notifications/cancelled", R"("requestId":1)");
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("2"), at(sink->answer(), "/0/id"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(sink->answer(), "/1"));
    }

private:
    static std::string ping(const std::string& id) { return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"ping"})"; }
    static std::string call(const std::string& id, const std::string& tool)
    {
        return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":{"name":")" + tool + "\"}}";
    }

    std::vector<CallBackendPtr> held;
    TestServer server;
    LegacyClient client{server, "2025-03-26"};
};

CPPUNIT_TEST_SUITE_REGISTRATION(BatchTest);

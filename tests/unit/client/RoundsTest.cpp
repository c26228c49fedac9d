#include "ScriptedServer.h"

#include "base/threads/Timers.h"
#include "client/protocol/ClientSession.h"
#include "client/protocol/Rounds.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::client;
using namespace tenon::tests;

namespace
{

class Handler : public ClientHandler
{
public:
    std::string answer(std::string_view method, const tenon::base::JsonDocument::Element* params) override
    {
        asked += std::string(method) + (params ? tenon::base::toJson(*params) : "") + ' ';
        return R"({"action":"accept"})";
    }
    std::string asked;
};

} // namespace

class RoundsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RoundsTest);
    CPPUNIT_TEST(answersAndAsksAgain);
    CPPUNIT_TEST(sendsNoStateThatWasNotGiven);
    CPPUNIT_TEST(endsWhenTheServerAsksForEver);
    CPPUNIT_TEST(followsATask);
    CPPUNIT_TEST(saysThatATaskFailed);
    CPPUNIT_TEST_SUITE_END();

    std::shared_ptr<ScriptedServer::Script> _script;
    Handler _handler;
    tenon::base::Timers _timers;
    std::unique_ptr<ClientSession> _session;

public:
    void setUp() override
    {
        _script = std::make_shared<ScriptedServer::Script>();
        _script->answers["server/discover"] =
            always(R"("result":{"supportedVersions":["2026-07-28"],"capabilities":{}})");
        _session = std::make_unique<ClientSession>(std::make_unique<ScriptedServer>(_script), ClientSession::Options{},
                                                   _handler, _timers);
        _session->open();
    }

    void tearDown() override { _session.reset(); }

    std::string run(const std::string& params)
    {
        return tenon::base::toJson(Rounds(*_session, _handler).run("tools/call", params, {}).result);
    }

    void answersAndAsksAgain()
    {
        int round = 0;
        _script->answers["tools/call"] = [&round](const Outgoing& message) -> std::string
        {
            if (++round == 1)
                return R"("result":{"resultType":"input_required","requestState":"s\"1","inputRequests":)"
                       R"({"k":{"method":"elicitation/create","params":{"message":"m"}}}})";
            CPPUNIT_ASSERT(message.text.find(R"("inputResponses":{"k":{"action":"accept"}})") != std::string::npos);
            CPPUNIT_ASSERT(message.text.find(R"("requestState":"s\"1")") != std::string::npos);
            CPPUNIT_ASSERT(message.text.find(R"("name":"t")") != std::string::npos);
            return R"("result":{"resultType":"complete","content":[]})";
        };
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"resultType":"complete","content":[]})"), run(R"({"name":"t"})"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"(elicitation/create{"message":"m"} )"), _handler.asked);
    }

    void sendsNoStateThatWasNotGiven()
    {
        int round = 0;
        _script->answers["tools/call"] = [&round](const Outgoing& message) -> std::string
        {
            CPPUNIT_ASSERT(message.text.find("requestState") == std::string::npos);
            return ++round == 1
                       ? R"("result":{"resultType":"input_required","inputRequests":{"k":{"method":"roots/list"}}})"
                       : R"("result":{"content":[]})";
        };
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"content":[]})"), run(R"({"name":"t"})"));
    }

    void endsWhenTheServerAsksForEver()
    {
        _script->answers["tools/call"] = always(R"("result":{"resultType":"input_required","requestState":"x"})");
        CPPUNIT_ASSERT_THROW((void)run("{}"), ClientException);
        _script->answers["tools/call"] = always(R"("result":{"resultType":"input_required"})");
        CPPUNIT_ASSERT_THROW((void)run("{}"), ClientException);
    }

    void followsATask()
    {
        int look = 0;
        _script->answers["tools/call"] =
            always(R"("result":{"resultType":"task","taskId":"T1","status":"working","pollIntervalMs":20})");
        _script->answers["tasks/update"] = always(R"("result":{"resultType":"complete"})");
        _script->answers["tasks/get"] = [&look](const Outgoing& message) -> std::string
        {
            CPPUNIT_ASSERT(message.text.find(R"("taskId":"T1")") != std::string::npos);
            switch (++look)
            {
            case 1:
                return R"("result":{"taskId":"T1","status":"working","pollIntervalMs":20})";
            case 2:
                return R"("result":{"taskId":"T1","status":"input_required","inputRequests":{"q":{"method":"roots/list"}}})";
            default:
                return R"("result":{"taskId":"T1","status":"completed","result":{"content":[1]}})";
            }
        };
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"content":[1]})"), run("{}"));
        CPPUNIT_ASSERT(_script->lastText("tasks/update").find(R"("inputResponses":{"q":)") != std::string::npos);
    }

    void saysThatATaskFailed()
    {
        _script->answers["tools/call"] = always(R"("result":{"resultType":"task","taskId":"T1","status":"working"})");
        _script->answers["tasks/get"] =
            always(R"("result":{"status":"failed","error":{"code":-32603,"message":"broke"}})");
        CPPUNIT_ASSERT_THROW((void)run("{}"), ClientException);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RoundsTest);

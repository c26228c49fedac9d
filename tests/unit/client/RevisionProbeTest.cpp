#include "ScriptedServer.h"

#include "base/threads/Timers.h"
#include "client/protocol/ClientSession.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::client;
using namespace tenon::tests;

namespace
{

constexpr const char* HANDSHAKE =
    R"("result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"old","version":"1"}})";
constexpr const char* DISCOVERED =
    R"("result":{"resultType":"complete","supportedVersions":["2026-07-28","2025-11-25"],"capabilities":{"tools":{"listChanged":true}},)"
    R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"new","version":"2"}}})";

} // namespace

class RevisionProbeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RevisionProbeTest);
    CPPUNIT_TEST(staysModern);
    CPPUNIT_TEST(fallsBackWhateverALegacyServerAnswers);
    CPPUNIT_TEST(fallsBackIfNothingIsAnswered);
    CPPUNIT_TEST(triesARevisionThatTheServerNames);
    CPPUNIT_TEST(shakesHandsIfOnlyOldRevisionsAreNamed);
    CPPUNIT_TEST(saysThatThereIsNoCommonRevision);
    CPPUNIT_TEST(doesNotTakeARefusalForAnOldServer);
    CPPUNIT_TEST(speaksTheRevisionItIsToldAndNoOther);
    CPPUNIT_TEST(takesTheRevisionThatAnErrorToTheHandshakeNames);
    CPPUNIT_TEST_SUITE_END();

    std::shared_ptr<ScriptedServer::Script> _script = std::make_shared<ScriptedServer::Script>();
    ClientHandler _handler;
    tenon::base::Timers _timers;
    std::unique_ptr<ClientSession> _session;

    void open(const std::string& revision = {})
    {
        ClientSession::Options options;
        options.probeMs = 50;
        options.revision = revision;
        _session =
            std::make_unique<ClientSession>(std::make_unique<ScriptedServer>(_script), options, _handler, _timers);
        _session->open();
    }

    Fault faultOfOpening(const std::string& revision = {})
    {
        try
        {
            open(revision);
        }
        catch (const ClientException& exc)
        {
            return exc.fault();
        }
        CPPUNIT_FAIL("it opened");
        return Fault::PROTOCOL;
    }

public:
    void tearDown() override { _session.reset(); }

    void staysModern()
    {
        _script->answers["server/discover"] = always(DISCOVERED);
        open();
        CPPUNIT_ASSERT(_session->modern());
        CPPUNIT_ASSERT_EQUAL(std::string("new"), _session->peer().name);
        CPPUNIT_ASSERT(_session->peer().has("tools", "listChanged"));
        CPPUNIT_ASSERT(!_session->peer().has("prompts"));
        const std::string text = _script->lastText("server/discover");
        CPPUNIT_ASSERT(text.find(R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")") != std::string::npos);
        CPPUNIT_ASSERT(text.find(R"("io.modelcontextprotocol/clientCapabilities":{})") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), _script->methods().size());
    }

    void fallsBackWhateverALegacyServerAnswers()
    {
        _script->answers["initialize"] = always(HANDSHAKE);
        for (const char* answer :
             {R"("error":{"code":-32601,"message":"?"})", R"("error":{"code":-32602,"message":"?"})",
              R"("error":{"code":-32000,"message":"not initialized"})", R"("result":{})",
              R"("error":{"code":0,"message":""})"})
        {
            _script->answers["server/discover"] = always(answer);
            open();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(answer, std::string("2025-06-18"), _session->peer().revision);
            CPPUNIT_ASSERT_EQUAL(std::string("notifications/initialized"), _script->methods().back());
        }
        _script->answers["server/discover"] = [](const Outgoing&) -> std::string
        { throw ClientException(Fault::PROTOCOL, "404", 404); };
        open();
        CPPUNIT_ASSERT_EQUAL(std::string("old"), _session->peer().name);
        _script->answers["server/discover"] = [](const Outgoing&) -> std::string
        { throw ClientException(Fault::UNREACHABLE, "500", 500); };
        open();
        CPPUNIT_ASSERT(!_session->modern());
    }

    void fallsBackIfNothingIsAnswered()
    {
        _script->answers["server/discover"] = always("");
        _script->answers["initialize"] = always(HANDSHAKE);
        open();
        CPPUNIT_ASSERT(!_session->modern());
        _session->close(); // nothing is told of a deadline after that
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), _script->abandoned.size());
    }

    void triesARevisionThatTheServerNames()
    {
        int asked = 0;
        _script->answers["server/discover"] = [&asked](const Outgoing&) -> std::string
        {
            return ++asked == 1
                       ? R"("error":{"code":-32022,"message":"?","data":{"supported":["2026-07-28"],"requested":"x"}})"
                       : DISCOVERED;
        };
        open();
        CPPUNIT_ASSERT_EQUAL(2, asked);
        CPPUNIT_ASSERT(_session->modern());
    }

    void shakesHandsIfOnlyOldRevisionsAreNamed()
    {
        _script->answers["server/discover"] =
            always(R"("error":{"code":-32022,"message":"?","data":{"supported":["2025-03-26","2024-11-05"]}})");
        _script->answers["initialize"] = [](const Outgoing& message) -> std::string
        {
            CPPUNIT_ASSERT(message.text.find(R"("protocolVersion":"2025-03-26")") != std::string::npos);
            return R"("result":{"protocolVersion":"2025-03-26","capabilities":{}})";
        };
        open();
        CPPUNIT_ASSERT_EQUAL(std::string("2025-03-26"), _session->peer().revision);
    }

    void saysThatThereIsNoCommonRevision()
    {
        _script->answers["server/discover"] =
            always(R"("error":{"code":-32022,"message":"?","data":{"supported":["2030-01-01"]}})");
        CPPUNIT_ASSERT(faultOfOpening() == Fault::PROTOCOL);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("a modern server is not asked for a handshake", std::string(),
                                     _script->lastText("initialize"));
        _script->answers.erase("server/discover");
        _script->answers["initialize"] = always(R"("result":{"protocolVersion":"2020-01-01","capabilities":{}})");
        CPPUNIT_ASSERT(faultOfOpening() == Fault::PROTOCOL);
    }

    void doesNotTakeARefusalForAnOldServer()
    {
        _script->answers["initialize"] = always(HANDSHAKE);
        _script->answers["server/discover"] = [](const Outgoing&) -> std::string
        { throw ClientException(Fault::NOT_ALLOWED, "401", 401); };
        CPPUNIT_ASSERT(faultOfOpening() == Fault::NOT_ALLOWED);
        _script->answers["server/discover"] = [](const Outgoing&) -> std::string
        { throw ClientException(Fault::UNREACHABLE, "nobody there"); };
        CPPUNIT_ASSERT(faultOfOpening() == Fault::UNREACHABLE);
        CPPUNIT_ASSERT_EQUAL(std::string(), _script->lastText("initialize"));
    }

    void speaksTheRevisionItIsToldAndNoOther()
    {
        _script->answers["initialize"] = always(HANDSHAKE);
        open("2025-06-18");
        CPPUNIT_ASSERT_EQUAL(std::string(), _script->lastText("server/discover"));
        CPPUNIT_ASSERT(faultOfOpening("2025-03-26") == Fault::PROTOCOL);
        CPPUNIT_ASSERT(faultOfOpening("2026-07-28") == Fault::PROTOCOL);
        CPPUNIT_ASSERT(faultOfOpening("1999-01-01") == Fault::PROTOCOL);
    }

    void takesTheRevisionThatAnErrorToTheHandshakeNames()
    {
        _script->answers["initialize"] = [](const Outgoing& message) -> std::string
        {
            return message.text.find("2025-03-26") != std::string::npos
                       ? R"("result":{"protocolVersion":"2025-03-26","capabilities":{}})"
                       : R"("error":{"code":-32602,"message":"?","data":{"supported":["2025-03-26"]}})";
        };
        open();
        CPPUNIT_ASSERT_EQUAL(std::string("2025-03-26"), _session->peer().revision);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RevisionProbeTest);

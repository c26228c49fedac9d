#include "../client/ScriptedServer.h"
#include "FakeCall.h"

#include "base/threads/Timers.h"
#include "client/Client.h"
#include "client/protocol/ClientSession.h"
#include "plugin/upstream/UpstreamCall.h"
#include "plugin/upstream/UpstreamRound.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>
#include <thread>

using namespace tenon::plugin;
using namespace tenon::tests;
using tenon::client::ClientException;
using tenon::client::Fault;

namespace
{

class Quiet final : public tenon::client::ClientHandler
{
};

class FakeHost final : public UpstreamCall::Host
{
public:
    std::string park(const std::shared_ptr<UpstreamCall>& call) override
    {
        parked = call;
        return "token";
    }
    void restart(const std::shared_ptr<UpstreamCall>&) override { ++restarts; }
    void answered(bool did) override { ++(did ? answers : silences); }
    void ended(UpstreamCall&) override { ++ends; }
    [[nodiscard]] const std::string& upstreamName() const override { return name; }

    const std::string name = "behind";
    std::shared_ptr<UpstreamCall> parked;
    int restarts = 0, answers = 0, silences = 0, ends = 0;
};

} // namespace

class UpstreamCallTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(UpstreamCallTest);
    CPPUNIT_TEST(givesTheResultOfTheServer);
    CPPUNIT_TEST(tellsErrorsApart);
    CPPUNIT_TEST(sendsAgainWhatIsSafe);
    CPPUNIT_TEST(waitsForTheCallerWithoutOne);
    CPPUNIT_TEST(takesBackWhatNobodyWaitsFor);
    CPPUNIT_TEST(answersQuestionsOfTheModernServer);
    CPPUNIT_TEST_SUITE_END();

    tenon::base::Timers _timers;
    Quiet _handler;
    FakeHost _host;
    std::shared_ptr<ScriptedServer::Script> _script;
    std::unique_ptr<tenon::client::Client> _client;
    std::shared_ptr<tenon::client::ClientSession> _session;
    std::shared_ptr<FakeCall> _caller;

    std::shared_ptr<UpstreamCall> call(bool safe = false)
    {
        UpstreamRequest request;
        request.method = "tools/call";
        request.params = R"({"name":"x","arguments":{}})";
        request.name = "x";
        request.safe = safe;
        return std::make_shared<UpstreamCall>(_host, std::move(request), _caller);
    }

    void open(const std::string& revision)
    {
        tenon::client::ClientSession::Options options;
        options.revision = revision;
        _session = std::make_shared<tenon::client::ClientSession>(std::make_unique<ScriptedServer>(_script), options,
                                                                  _handler, _timers);
        _session->open();
    }

public:
    void setUp() override
    {
        _host.restarts = _host.answers = _host.silences = _host.ends = 0;
        _host.parked.reset();
        _script = std::make_shared<ScriptedServer::Script>();
        _script->answers["initialize"] = always(R"("result":{"protocolVersion":"2025-11-25","capabilities":{}})");
        _script->answers["server/discover"] =
            always(R"("result":{"supportedVersions":["2026-07-28"],"capabilities":{},"resultType":"complete"})");
        tenon::client::ClientOptions options;
        options.target = tenon::client::Target::ofUrl("http://127.0.0.1:1/mcp"); // never reached
        _client = std::make_unique<tenon::client::Client>(options, _handler);
        _caller = std::make_shared<FakeCall>();
        open("2025-11-25");
    }

    void tearDown() override
    {
        _host.parked.reset();
        _session.reset();
        _client.reset();
    }

    void givesTheResultOfTheServer()
    {
        _script->answers["tools/call"] = always(R"("result":{"content":[{"type":"text","text":"words"}]})");
        call()->send(*_client, _session);
        CPPUNIT_ASSERT(_caller->wait());
        CPPUNIT_ASSERT_EQUAL(std::string("words"), _caller->text());
        CPPUNIT_ASSERT_EQUAL(1, _host.ends);
        CPPUNIT_ASSERT_EQUAL(1, _host.answers);
        CPPUNIT_ASSERT(_script->lastText("tools/call").find(R"("name":"x")") != std::string::npos);
    }

    void tellsErrorsApart()
    {
        const std::pair<int, tenon_status> pairs[] = {
            {-32602, TENON_ERROR_INVALID}, {-32002, TENON_ERROR_NOT_FOUND}, {-32603, TENON_ERROR_FAILED}};
        for (const auto& [code, status] : pairs)
        {
            _script->answers["tools/call"] =
                always(R"("error":{"code":)" + std::to_string(code) + R"(,"message":"because"})");
            _caller = std::make_shared<FakeCall>();
            call()->send(*_client, _session);
            CPPUNIT_ASSERT(_caller->wait());
            CPPUNIT_ASSERT_EQUAL(static_cast<int>(status), static_cast<int>(_caller->failure));
            CPPUNIT_ASSERT_EQUAL(std::string("because"), _caller->failureMessage);
        }
        CPPUNIT_ASSERT_EQUAL(3, _host.answers); // an error is an answer
        CPPUNIT_ASSERT_EQUAL(0, _host.silences);
    }

    void sendsAgainWhatIsSafe()
    {
        _script->answers["tools/call"] = [](const tenon::client::Outgoing&) -> std::string
        { throw ClientException(Fault::UNREACHABLE, "broken"); };
        const auto safe = call(true);
        safe->send(*_client, _session);
        CPPUNIT_ASSERT_EQUAL(1, _host.restarts);
        CPPUNIT_ASSERT_EQUAL(0, _caller->ends.load());
        safe->send(*_client, _session); // and once only
        CPPUNIT_ASSERT_EQUAL(1, _host.restarts);
        CPPUNIT_ASSERT_EQUAL(static_cast<int>(TENON_ERROR_FAILED), static_cast<int>(_caller->failure));

        _caller = std::make_shared<FakeCall>();
        call(false)->send(*_client, _session);
        CPPUNIT_ASSERT_EQUAL(1, _host.restarts);
        CPPUNIT_ASSERT(_caller->failureMessage.find("before it answered") != std::string::npos);
        CPPUNIT_ASSERT(_caller->failureMessage.find("broken") == std::string::npos); // for the log alone
    }

    void waitsForTheCallerWithoutOne()
    {
        _script->answers["tools/call"] = always("");
        const auto asked = call();
        asked->send(*_client, _session);
        std::string answer;
        int refused = 0;
        const auto params = tenon::base::JsonDocument::parse(R"({"message":"name?","requestedSchema":{}})");
        const tenon::base::JsonDocument::Element root = params->root();
        asked->ask(
            "elicitation/create", &root, [&](const std::string& text) { answer = text; },
            [&](int code, const std::string&) { refused = code; });
        CPPUNIT_ASSERT_EQUAL(1, _caller->pendings.load());
        CPPUNIT_ASSERT(asked->parked());
        CPPUNIT_ASSERT(_host.parked == asked);
        CPPUNIT_ASSERT_EQUAL(std::string("parked token"), _caller->remembered["tenon.upstream"]);

        const auto back = std::make_shared<FakeCall>();
        back->answers["elicitation-1"] = R"({"action":"accept","content":{"name":"Ada"}})";
        asked->resume(back);
        CPPUNIT_ASSERT(answer.find("Ada") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, refused);
        CPPUNIT_ASSERT(!asked->parked());
        _script->say(R"({"jsonrpc":"2.0","id":)" + asked->requestId() +
                     R"(,"result":{"content":[{"type":"text","text":"hello Ada"}]}})");
        CPPUNIT_ASSERT(back->wait());
        CPPUNIT_ASSERT_EQUAL(std::string("hello Ada"), back->text());
    }

    void takesBackWhatNobodyWaitsFor()
    {
        _script->answers["tools/call"] = always("");
        const auto running = call();
        running->send(*_client, _session);
        CPPUNIT_ASSERT(!running->look(UpstreamCall::Clock::now(), std::chrono::minutes(1)));
        _caller->cancel();
        CPPUNIT_ASSERT(running->look(UpstreamCall::Clock::now(), std::chrono::minutes(1)));
        CPPUNIT_ASSERT_EQUAL(static_cast<int>(TENON_ERROR_CANCELLED), static_cast<int>(_caller->failure));
        CPPUNIT_ASSERT_EQUAL(1, _host.ends);
        for (int tries = 0; tries < 1000 && _script->lastText("notifications/cancelled").empty(); ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        CPPUNIT_ASSERT(!_script->lastText("notifications/cancelled").empty());
    }

    void answersQuestionsOfTheModernServer()
    {
        open("2026-07-28");
        int calls = 0;
        _script->answers["tools/call"] = [&](const tenon::client::Outgoing& message) -> std::string
        {
            if (++calls == 1)
                return R"("result":{"resultType":"input_required","requestState":"s","inputRequests":{"who":{"method":"elicitation/create","params":{"message":"name?","requestedSchema":{"type":"object","properties":{}}}}}})";
            CPPUNIT_ASSERT(message.text.find(R"("requestState":"s")") != std::string::npos);
            CPPUNIT_ASSERT(message.text.find("Ada") != std::string::npos);
            return R"("result":{"resultType":"complete","content":[{"type":"text","text":"hello Ada"}]})";
        };
        _caller->answers["who"] = R"({"action":"accept","content":{"name":"Ada"}})";
        call()->send(*_client, _session);
        CPPUNIT_ASSERT(_caller->wait());
        CPPUNIT_ASSERT_EQUAL(std::string("hello Ada"), _caller->text());
        CPPUNIT_ASSERT_EQUAL(2, calls);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UpstreamCallTest);

#include "ScriptedServer.h"

#include "base/threads/Timers.h"
#include "client/protocol/ClientSession.h"

#include <cppunit/extensions/HelperMacros.h>

#include <condition_variable>
#include <thread>

using namespace tenon::client;
using namespace tenon::tests;

namespace
{

/// Answers one question, and keeps what it is told.
class OneAnswer : public ClientHandler
{
public:
    Abilities abilities() const override { return {true, false, false, true, false}; }

    std::string answer(std::string_view method, const tenon::base::JsonDocument::Element* params) override
    {
        if (method == "roots/list")
            return R"({"roots":[]})";
        if (method == "boom")
            throw std::runtime_error("boom");
        return ClientHandler::answer(method, params);
    }

    void onNotification(std::string_view method, const tenon::base::JsonDocument::Element*, std::string_view) override
    {
        news.emplace_back(method);
    }

    void onGone(const ClientException& why) override { gone = why.message(); }

    std::vector<std::string> news;
    std::string gone;
};

} // namespace

class ClientSessionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ClientSessionTest);
    CPPUNIT_TEST(matchesAnswersInAnyOrder);
    CPPUNIT_TEST(givesTheServersError);
    CPPUNIT_TEST(keepsTheDeadlineAndTellsTheServer);
    CPPUNIT_TEST(progressBeginsTheDeadlineAnew);
    CPPUNIT_TEST(handsOverWhatASubscriptionIsGranted);
    CPPUNIT_TEST(takesARequestBack);
    CPPUNIT_TEST(answersTheServer);
    CPPUNIT_TEST(nobodyWaitsWhenTheServerIsGone);
    CPPUNIT_TEST(readsBatches);
    CPPUNIT_TEST(doesNotWaitForAnAnswerThatIsNone);
    CPPUNIT_TEST_SUITE_END();

    std::shared_ptr<ScriptedServer::Script> _script;
    OneAnswer _handler;
    tenon::base::Timers _timers;
    std::unique_ptr<ClientSession> _session;

    static Fault faultOf(const std::function<void()>& action)
    {
        try
        {
            action();
        }
        catch (const ClientException& exc)
        {
            return exc.fault();
        }
        CPPUNIT_FAIL("nothing was thrown");
        return Fault::PROTOCOL;
    }

    /// What is sent on another thread comes soon.
    std::string waitFor(const std::string& method)
    {
        for (int tries = 0; tries < 1000; ++tries)
        {
            if (std::string text = _script->lastText(method); !text.empty())
                return text;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return {};
    }

public:
    void setUp() override
    {
        _script = std::make_shared<ScriptedServer::Script>();
        _script->answers["initialize"] = always(R"("result":{"protocolVersion":"2025-11-25","capabilities":{}})");
        ClientSession::Options options;
        options.revision = "2025-11-25";
        _session =
            std::make_unique<ClientSession>(std::make_unique<ScriptedServer>(_script), options, _handler, _timers);
        _session->open();
    }

    void tearDown() override { _session.reset(); }

    void matchesAnswersInAnyOrder()
    {
        _script->answers["a"] = always("");
        std::string first, second;
        const auto keep = [](std::string& into)
        { return [&into](const Outcome& outcome) { into = tenon::base::toJson(outcome.reply.result); }; };
        const std::string one = _session->start("a", "", {}, keep(first));
        const std::string two = _session->start("a", "", {}, keep(second));
        CPPUNIT_ASSERT(one != two);
        _script->say(R"({"jsonrpc":"2.0","id":)" + two + R"(,"result":{"n":2}})");
        CPPUNIT_ASSERT_EQUAL(std::string(), first);
        _script->say(R"({"jsonrpc":"2.0","id":)" + one + R"(,"result":{"n":1}})");
        _script->say(R"({"jsonrpc":"2.0","id":)" + one + R"(,"result":{"n":3}})");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"n":1})"), first);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"n":2})"), second);
    }

    void givesTheServersError()
    {
        _script->answers["a"] = always(R"("error":{"code":-32602,"message":"no such tool","data":{"x":1}})");
        try
        {
            (void)_session->request("a", "");
            CPPUNIT_FAIL("no error");
        }
        catch (const ClientException& exc)
        {
            CPPUNIT_ASSERT_EQUAL(-32602, exc.code());
            CPPUNIT_ASSERT_EQUAL(std::string("no such tool"), exc.message());
            CPPUNIT_ASSERT_EQUAL(std::string(R"({"x":1})"), exc.data());
        }
    }

    void keepsTheDeadlineAndTellsTheServer()
    {
        _script->answers["a"] = always("");
        RequestOptions options;
        options.timeoutMs = 20;
        CPPUNIT_ASSERT(faultOf([&] { (void)_session->request("a", "", options); }) == Fault::TIMEOUT);
        CPPUNIT_ASSERT(waitFor("notifications/cancelled").find("\"requestId\":") != std::string::npos);
    }

    void progressBeginsTheDeadlineAnew()
    {
        _script->answers["a"] = always("");
        std::vector<double> seen;
        RequestOptions options;
        options.timeoutMs = 2000;
        options.onProgress = [&seen](const Progress& progress) { seen.push_back(progress.done); };
        bool failed = false;
        const std::string id =
            _session->start("a", "", options, [&failed](const Outcome& outcome) { failed = outcome.fault != nullptr; });
        CPPUNIT_ASSERT(_script->lastText("a").find("\"progressToken\":" + id) != std::string::npos);
        for (int step = 1; step <= 4; ++step)
        {
            std::this_thread::sleep_for(std::chrono::milliseconds(600));
            _script->say(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" + id +
                         R"(,"progress":)" + std::to_string(step) + R"(,"total":4}})");
        }
        _script->say(R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{}})");
        CPPUNIT_ASSERT(!failed);
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), seen.size());
    }

    void handsOverWhatASubscriptionIsGranted()
    {
        _script->answers["subscriptions/listen"] = always("");
        std::string granted;
        RequestOptions options;
        options.timeoutMs = 0;
        options.onAcknowledged = [&granted](const tenon::base::JsonDocument::Element& what)
        { granted += tenon::base::toJson(what); };
        const std::string id = _session->start("subscriptions/listen", "", options, [](const Outcome&) {});
        const auto acknowledge = [&](const std::string& of)
        {
            _script->say(R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{)" + of +
                         R"("notifications":{"resourceSubscriptions":["a:1"]}}})");
        };
        acknowledge(R"("_meta":{"io.modelcontextprotocol/subscriptionId":"another"},)");
        CPPUNIT_ASSERT_EQUAL(std::string(), granted);
        acknowledge(R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "},");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"resourceSubscriptions":["a:1"]})"), granted);
    }

    void takesARequestBack()
    {
        _script->answers["a"] = always("");
        RequestOptions options;
        options.cancellation = std::make_shared<Cancellation>();
        std::thread user(
            [&]
            {
                waitFor("a");
                options.cancellation->cancel();
            });
        CPPUNIT_ASSERT(faultOf([&] { (void)_session->request("a", "", options); }) == Fault::CANCELLED);
        user.join();
        CPPUNIT_ASSERT(!waitFor("notifications/cancelled").empty());
        CPPUNIT_ASSERT(faultOf([&] { (void)_session->request("a", "", options); }) == Fault::CANCELLED);
    }

    void answersTheServer()
    {
        _script->say(R"({"jsonrpc":"2.0","id":"r1","method":"roots/list"})");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","id":"r1","result":{"roots":[]}})"), waitFor(""));
        for (const auto& [method, expected] : std::map<std::string, std::string>{
                 {"ping", "\"result\":{}"}, {"sampling/createMessage", "-32601"}, {"boom", "-32603"}})
        {
            {
                const std::lock_guard lock(_script->mutex);
                _script->sent.clear();
            }
            _script->say(R"({"jsonrpc":"2.0","id":7,"method":")" + method + R"("})");
            const std::string answer = waitFor("");
            CPPUNIT_ASSERT_MESSAGE(answer, answer.find(expected) != std::string::npos);
        }
    }

    void nobodyWaitsWhenTheServerIsGone()
    {
        _script->answers["a"] = always("");
        Fault fault = Fault::PROTOCOL;
        (void)_session->start("a", "", {}, [&fault](const Outcome& outcome) { fault = outcome.fault->fault(); });
        _script->listener->onGone(ClientException(Fault::UNREACHABLE, "it ended"));
        CPPUNIT_ASSERT(fault == Fault::UNREACHABLE);
        CPPUNIT_ASSERT_EQUAL(std::string("it ended"), _handler.gone);
    }

    void readsBatches()
    {
        _script->answers["a"] = always("");
        int completed = 0;
        const std::string one = _session->start("a", "", {}, [&completed](const Outcome&) { ++completed; });
        const std::string two = _session->start("a", "", {}, [&completed](const Outcome&) { ++completed; });
        _script->say(R"([{"jsonrpc":"2.0","id":)" + two +
                     R"(,"result":{}},{"jsonrpc":"2.0","method":"notifications/x"},)" + R"({"jsonrpc":"2.0","id":)" +
                     one + R"(,"result":{}}])");
        CPPUNIT_ASSERT_EQUAL(2, completed);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), _handler.news.size());
    }

    void doesNotWaitForAnAnswerThatIsNone()
    {
        _script->answers["a"] = always(R"("result":{},"error":{"code":1,"message":""})");
        CPPUNIT_ASSERT(faultOf([&] { (void)_session->request("a", ""); }) == Fault::PROTOCOL);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClientSessionTest);

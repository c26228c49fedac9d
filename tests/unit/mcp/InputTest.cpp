// What plugins ask of clients: on legacy streams and in results of 2026-07-28.
#include "base/json/JsonWriter.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;
using tenon::plugin::CallBackendPtr;

namespace
{
const std::string NAME =
    R"({"method":"elicitation/create","params":{"mode":"form","message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}})";
const std::string SAMPLE = R"({"method":"sampling/createMessage","params":{"messages":[],"maxTokens":5}})";
const std::string ROOTS = R"({"method":"roots/list"})";
const std::string ALL = R"({"elicitation":{},"sampling":{},"roots":{}})";
const std::string ALICE = R"({"action":"accept","content":{"name":"Alice"}})";

std::string text(const std::string& message)
{
    std::string json = R"({"content":[{"type":"text","text":)";
    tenon::base::JsonWriter::appendString(json, message);
    return json + "}]}";
}

/// Asks one thing and says what came.
tenon_status askAndSay(const CallBackendPtr& call, const std::string& key, const std::string& request)
{
    const auto asked = call->requestInput(key, request);
    if (asked.status == TENON_OK)
        return call->finish(text(tenon::base::toJson(asked.answer->root())), nullptr);
    return asked.status;
}
} // namespace

class InputTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(InputTest);
    CPPUNIT_TEST(modernClientsAreAskedByResult);
    CPPUNIT_TEST(answersToQuestionsThatWereNotAskedAreNone);
    CPPUNIT_TEST(aClientMayAnswerBeforeItIsAsked);
    CPPUNIT_TEST(aMissingAnswerIsAskedAgain);
    CPPUNIT_TEST(anAnswerOfAnotherShapeIsAskedAgain);
    CPPUNIT_TEST(anAnswerThatDoesNotFitTheFormIsAskedAgain);
    CPPUNIT_TEST(formatsOfFormsAreChecked);
    CPPUNIT_TEST(aQuestionIsPutThreeTimes);
    CPPUNIT_TEST(questionsThatNoClientKnowsAreRefused);
    CPPUNIT_TEST(responsesThatAreNoObjectsAreRefused);
    CPPUNIT_TEST(manyQuestionsGoInOneRound);
    CPPUNIT_TEST(roundsRememberEarlierAnswers);
    CPPUNIT_TEST(aChangedStateIsRefused);
    CPPUNIT_TEST(aForeignStateIsRefused);
    CPPUNIT_TEST(aStateOfOtherParamsIsRefused);
    CPPUNIT_TEST(anExpiredStateIsRefused);
    CPPUNIT_TEST(sideEffectsHappenOnce);
    CPPUNIT_TEST(aShorterMemoryFitsInTheNextRound);
    CPPUNIT_TEST(memoriesAreLimited);
    CPPUNIT_TEST(whatWasRecalledStays);
    CPPUNIT_TEST(aLackingCapabilityIsNamed);
    CPPUNIT_TEST(capabilitiesDecideByMode);
    CPPUNIT_TEST(declinedAnswersReachThePlugin);
    CPPUNIT_TEST(promptsAndResourcesMayAsk);
    CPPUNIT_TEST(completionsMayNotAsk);
    CPPUNIT_TEST(waitingWithoutAQuestionIsAPluginsMistake);
    CPPUNIT_TEST(badQuestionsAreRefused);
    CPPUNIT_TEST(legacyClientsAreAskedOnTheStream);
    CPPUNIT_TEST(legacyRequestsHaveWhatTheRevisionKnows);
    CPPUNIT_TEST(formsHaveWhatTheRevisionKnows);
    CPPUNIT_TEST(choicesOfSeveralNeedARevisionThatHasThem);
    CPPUNIT_TEST(capabilitiesOfLaterRevisionsDoNotCount);
    CPPUNIT_TEST(messagesToSampleHaveWhatTheRevisionKnows);
    CPPUNIT_TEST(legacyErrorsReachThePlugin);
    CPPUNIT_TEST(legacyRoundsGoOnWhenAllIsAnswered);
    CPPUNIT_TEST(aClientThatCannotBeAskedIsToldSo);
    CPPUNIT_TEST(withoutAStreamTheSessionsIsUsed);
    CPPUNIT_TEST(connectionsCarryQuestions);
    CPPUNIT_TEST(answersAfterTheEndAreDropped);
    CPPUNIT_TEST(unansweredQuestionsDoNotPileUp);
    CPPUNIT_TEST(aPluginThatWaitsElsewhereIsEnteredAgain);
    CPPUNIT_TEST_SUITE_END();

public:
    void modernClientsAreAskedByResult()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        const auto first = call();
        CPPUNIT_ASSERT_EQUAL(std::string("\"input_required\""), at(first, "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(NAME, at(first, "/result/inputRequests/who"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"tenon\""),
                             at(first, "/result/_meta/io.modelcontextprotocol~1serverInfo/name"));
        const auto second =
            call(",\"inputResponses\":{\"who\":" + ALICE + "},\"requestState\":" + at(first, "/result/requestState"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(second, "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(ALICE, said(second));
    }

    void answersToQuestionsThatWereNotAskedAreNone()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                if (const auto one = call->requestInput("one", NAME); one.status != TENON_OK)
                    return one.status;
                return askAndSay(call, "two", NAME);
            });
        const auto asked = call("");
        const auto again = call(",\"inputResponses\":{\"one\":" + ALICE + ",\"two\":" + ALICE +
                                "},\"requestState\":" + at(asked, "/result/requestState"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("nobody was asked the second", std::string("\"input_required\""),
                                     at(again, "/result/resultType"));
    }

    void aClientMayAnswerBeforeItIsAsked()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        CPPUNIT_ASSERT_EQUAL(ALICE, said(call(",\"inputResponses\":{\"x\":{},\"who\":" + ALICE + ",\"y\":{\"a\":1}}")));
    }

    void aMissingAnswerIsAskedAgain()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        CPPUNIT_ASSERT_EQUAL(std::string("\"input_required\""),
                             at(call(",\"inputResponses\":{\"wrong\":" + ALICE + "}"), "/result/resultType"));
    }

    void anAnswerOfAnotherShapeIsAskedAgain()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        for (const char* bad :
             {R"({})", R"({"action":"perhaps"})", R"({"action":"accept","content":5})", R"({"roots":[]})"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::string("\"input_required\""),
                                         at(answered("who", bad), "/result/resultType"));
    }

    void anAnswerThatDoesNotFitTheFormIsAskedAgain()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                return askAndSay(
                    call, "who",
                    R"({"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object",)"
                    R"("properties":{"name":{"type":"string","minLength":1},"age":{"type":"integer","minimum":0}},"required":["name"]}}})");
            });
        const auto filled = [&](const std::string& content)
        { return answered("who", R"({"action":"accept","content":)" + content + '}'); };
        for (const char* bad :
             {R"({"name":""})", R"({"name":"A","age":-1})", R"({"name":5})", "{}", "null", R"({"name":"A","age":"7"})"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::string("\"input_required\""), at(filled(bad), "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(filled(R"({"name":"A","age":0})"), "/result/resultType"));
        CPPUNIT_ASSERT_EQUAL(
            std::string("\"The last answer could not be used: /age must be at least 0, but is -1. m\""),
            at(filled(R"({"name":"A","age":-1})"), "/result/inputRequests/who/params/message"));
    }

    void formatsOfFormsAreChecked()
    {
        const std::pair<const char*, std::pair<const char*, const char*>> formats[] = {
            {"email", {"a@example.org", "a at example.org"}},
            {"uri", {"https://example.org/", "no uri"}},
            {"date", {"2026-02-28", "2026-02-30"}},
            {"date-time", {"2026-02-28T10:00:00Z", "yesterday"}}};
        for (const auto& [format, values] : formats)
        {
            const std::string form =
                R"({"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object",)"
                R"("properties":{"v":{"type":"string","format":")" +
                std::string(format) + R"("}},"required":["v"]}}})";
            tool([form](const CallBackendPtr& call) { return askAndSay(call, "who", form); });
            const auto filled = [&](const char* value)
            {
                return at(answered("who", R"({"action":"accept","content":{"v":")" + std::string(value) + "\"}}"),
                          "/result/resultType");
            };
            CPPUNIT_ASSERT_EQUAL_MESSAGE(format, std::string("\"complete\""), filled(values.first));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(format, std::string("\"input_required\""), filled(values.second));
        }
    }

    /// Clients that fill in nothing were asked the same for ever.
    void aQuestionIsPutThreeTimes()
    {
        int entered = 0;
        tenon_status last = TENON_OK;
        tool(
            [&](const CallBackendPtr& call) -> tenon_status
            {
                ++entered;
                last = call->requestInput("who", R"({"method":"elicitation/create","params":{"message":"Who?",)"
                                                 R"("requestedSchema":{"type":"object","properties":{"name":)"
                                                 R"({"type":"string"}},"required":["name"]}}})")
                           .status;
                return last;
            });
        std::string answer = call();
        for (int round = 0; round < 10 && at(answer, "/result/resultType") == "\"input_required\""; ++round)
            answer = call(R"(,"inputResponses":{"who":{"action":"accept","content":{}}},"requestState":)" +
                          at(answer, "/result/requestState"));
        CPPUNIT_ASSERT_EQUAL(4, entered);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID_ANSWER), last);
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(answer, "/result/isError"));

        entered = 0;
        LegacyClient client(server, "2025-11-25", ALL);
        const auto sink = client.request("tools/call", R"("name":"t")");
        for (std::size_t round = 1; round <= 3; ++round)
        {
            CPPUNIT_ASSERT(sink->waitForEvents(round));
            client.respond(std::to_string(round), R"("result":{"action":"accept","content":{}})");
        }
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(4, entered);
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(sink->answer(), "/result/isError"));
        CPPUNIT_ASSERT_EQUAL(
            std::string("\"The last answer could not be used: missing required property 'name' (string). Who?\""),
            at(sink->events()[1].text, "/params/message"));
    }

    void questionsThatNoClientKnowsAreRefused()
    {
        const auto elicits = [](const std::string& params)
        { return R"({"method":"elicitation/create","params":{)" + params + "}}"; };
        const std::string results = R"({"type":"tool_result","toolUseId":"1","content":[]})";
        const auto samples = [](const std::string& content)
        {
            return R"({"method":"sampling/createMessage","params":{"maxTokens":5,"messages":[{"role":"user","content":[)" +
                   content + "]}]}}";
        };
        const std::pair<std::string, tenon_status> questions[] = {
            {elicits(R"("requestedSchema":{"type":"object","properties":{}})"), TENON_ERROR_INVALID},
            {elicits(R"("message":"m","mode":"voice")"), TENON_ERROR_INVALID},
            {elicits(R"("message":"m","mode":"url")"), TENON_ERROR_INVALID},
            {elicits(R"("message":"m","mode":"url","url":"https://a.b/")"), TENON_INPUT_PENDING},
            {elicits(R"("message":"m","requestedSchema":{"type":"object","properties":{"a":{"type":"object"}}})"),
             TENON_ERROR_INVALID},
            {elicits(R"("message":"m","_meta":5)"), TENON_ERROR_INVALID},
            {samples(results), TENON_INPUT_PENDING},
            {samples(results + R"(,{"type":"text","text":"a"})"), TENON_ERROR_INVALID},
            {R"({"method":"sampling/createMessage","params":{"maxTokens":5,"messages":[],"includeContext":"none"}})",
             TENON_INPUT_PENDING},
            {R"({"method":"sampling/createMessage","params":{"maxTokens":5,"messages":[],"includeContext":"thisServer"}})",
             TENON_ERROR_UNSUPPORTED}};
        for (const auto& [question, expected] : questions)
        {
            tenon_status status = TENON_OK;
            tool([&, question = question](const CallBackendPtr& call)
                 { return status = call->requestInput("who", question).status; });
            (void)call({}, R"({"elicitation":{"form":{},"url":{}},"sampling":{}})");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(question, expected, status);
        }
    }

    void responsesThatAreNoObjectsAreRefused()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        for (const char* bad : {"5", "[]", R"({"who":12345})", R"({"who":null})"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(bad, std::string("-32602"),
                                         at(call(std::string(",\"inputResponses\":") + bad), "/error/code"));
    }

    void manyQuestionsGoInOneRound()
    {
        tool(
            [](const CallBackendPtr& call) -> tenon_status
            {
                bool pending = false;
                for (const auto& [key, request] :
                     std::map<std::string, std::string>{{"a", NAME}, {"b", SAMPLE}, {"c", ROOTS}})
                    pending = call->requestInput(key, request).status == TENON_INPUT_PENDING || pending;
                return pending ? TENON_INPUT_PENDING : call->finish(text("all"), nullptr);
            });
        const auto first = call();
        CPPUNIT_ASSERT_EQUAL(NAME, at(first, "/result/inputRequests/a"));
        CPPUNIT_ASSERT_EQUAL(SAMPLE, at(first, "/result/inputRequests/b"));
        CPPUNIT_ASSERT_EQUAL(ROOTS, at(first, "/result/inputRequests/c"));
        // Two of three: the third is asked for again, the two are in the state.
        const auto second = call(",\"inputResponses\":{\"a\":" + ALICE + R"(,"c":{"roots":[]}},"requestState":)" +
                                 at(first, "/result/requestState"));
        CPPUNIT_ASSERT_EQUAL("{\"b\":" + SAMPLE + '}', at(second, "/result/inputRequests"));
        const auto third = call(
            R"(,"inputResponses":{"b":{"role":"assistant","content":{"type":"text","text":"x"}}},"requestState":)" +
            at(second, "/result/requestState"));
        CPPUNIT_ASSERT_EQUAL(std::string("all"), said(third));
    }

    void roundsRememberEarlierAnswers()
    {
        tool(
            [](const CallBackendPtr& call) -> tenon_status
            {
                const auto one = call->requestInput("one", NAME);
                if (one.status != TENON_OK)
                    return one.status;
                const auto two = call->requestInput("two", NAME);
                if (two.status != TENON_OK)
                    return two.status;
                return call->finish(
                    text(tenon::base::toJson(one.answer->root()) + tenon::base::toJson(two.answer->root())), nullptr);
            });
        const auto first = call();
        const auto second =
            call(",\"inputResponses\":{\"one\":" + ALICE + "},\"requestState\":" + at(first, "/result/requestState"));
        CPPUNIT_ASSERT_EQUAL("{\"two\":" + NAME + '}', at(second, "/result/inputRequests"));
        CPPUNIT_ASSERT(at(first, "/result/requestState") != at(second, "/result/requestState"));
        const auto third = call(R"(,"inputResponses":{"two":{"action":"decline"}},"requestState":)" +
                                at(second, "/result/requestState"));
        CPPUNIT_ASSERT_EQUAL(ALICE + R"({"action":"decline"})", said(third));
    }

    void aChangedStateIsRefused()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        auto state = at(call(), "/result/requestState");
        state = state.substr(1, state.size() - 2);
        std::string flipped = state;
        flipped[flipped.size() / 2] = flipped[flipped.size() / 2] == 'A' ? 'B' : 'A';
        for (const std::string& bad : {state + "-TAMPERED", state + "=", state + "A", state.substr(1),
                                       state.substr(0, 20), flipped, std::string("x"), std::string()})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                bad, std::string("-32602"),
                at(call(",\"inputResponses\":{\"who\":" + ALICE + "},\"requestState\":\"" + bad + '"'), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(call(R"(,"requestState":5)"), "/error/code"));
    }

    void aForeignStateIsRefused()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        const auto state = at(call({}, {}, principalOf("alice")), "/result/requestState");
        const auto again = ",\"inputResponses\":{\"who\":" + ALICE + "},\"requestState\":" + state;
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(call(again, {}, principalOf("bob")), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(ALICE, said(call(again, {}, principalOf("alice"))));
    }

    void aStateOfOtherParamsIsRefused()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        server.simpleTool("other", [](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        server.publish();
        const auto again = ",\"inputResponses\":{\"who\":" + ALICE +
                           "},\"requestState\":" + at(call(R"(,"arguments":{"a":1})"), "/result/requestState");
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(call(R"(,"arguments":{"a":2})" + again), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"), at(call(again), "/error/code"));
        TestServer::Modern how;
        how.capabilities = ALL;
        CPPUNIT_ASSERT_EQUAL(
            std::string("-32602"),
            at(server.modernAnswer("tools/call", R"("name":"other","arguments":{"a":1})" + again, how), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(ALICE, said(call(R"(,"arguments":{"a":1})" + again)));
    }

    void anExpiredStateIsRefused()
    {
        auto options = TestServer::defaults();
        options.requestStateMs = -1;
        TestServer brief(options);
        brief.simpleTool("t", [](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        brief.publish();
        TestServer::Modern how;
        how.capabilities = ALL;
        const auto state = at(brief.modernAnswer("tools/call", R"("name":"t")", how), "/result/requestState");
        CPPUNIT_ASSERT_EQUAL(
            std::string("-32602"),
            at(brief.modernAnswer("tools/call", R"("name":"t","requestState":)" + state, how), "/error/code"));
    }

    void sideEffectsHappenOnce()
    {
        std::atomic<int> effects{0};
        tool(
            [&](const CallBackendPtr& call) -> tenon_status
            {
                std::string_view receipt;
                if (!call->recall("paid", receipt))
                    call->remember("paid", "receipt " + std::to_string(++effects));
                CPPUNIT_ASSERT(call->recall("paid", receipt));
                const auto asked = call->requestInput("who", NAME);
                return asked.status == TENON_OK ? call->finish(text(std::string(receipt)), nullptr) : asked.status;
            });
        const auto state = at(call(), "/result/requestState");
        const auto again = ",\"inputResponses\":{\"who\":" + ALICE + "},\"requestState\":" + state;
        CPPUNIT_ASSERT_EQUAL(std::string("receipt 1"), said(call(again)));
        CPPUNIT_ASSERT_EQUAL(1, effects.load());
        LegacyClient client(server, "2025-11-25", ALL);
        const auto sink = client.request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        client.respond("1", "\"result\":" + ALICE);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("receipt 2"), said(sink->answer()));
        CPPUNIT_ASSERT_EQUAL(2, effects.load());
    }

    void aShorterMemoryFitsInTheNextRound()
    {
        tool(
            [](const CallBackendPtr& call) -> tenon_status
            {
                const auto asked = call->requestInput("who", NAME);
                const auto kept = call->remember("k", asked.status == TENON_OK ? "short" : "a long value");
                if (kept != TENON_OK)
                    return kept;
                return asked.status == TENON_OK ? call->finish(text("done"), nullptr) : asked.status;
            });
        const auto state = at(call(), "/result/requestState");
        CPPUNIT_ASSERT_EQUAL(std::string("done"),
                             said(call(",\"inputResponses\":{\"who\":" + ALICE + "},\"requestState\":" + state)));
    }

    void memoriesAreLimited()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                std::string_view value;
                CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->remember("a", std::string(60'000, 'x')));
                CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_RESOURCES),
                                     call->remember("b", std::string(10'000, 'x')));
                CPPUNIT_ASSERT(!call->recall("b", value)); // what did not fit is not there, not even empty
                CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->remember("a", "small"));
                CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call->remember("b", std::string(10'000, 'x')));
                return call->finish(text("ok"), nullptr);
            });
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), said(call()));
    }

    void whatWasRecalledStays()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                std::string_view first, second;
                call->remember("short", "a");
                call->remember("long", std::string(100, 'a'));
                CPPUNIT_ASSERT(call->recall("short", first) && call->recall("long", second));
                call->remember("short", "b");
                call->remember("long", std::string(500, 'b'));
                CPPUNIT_ASSERT_EQUAL(std::string("a"), std::string(first));
                CPPUNIT_ASSERT_EQUAL(std::string(100, 'a'), std::string(second));
                CPPUNIT_ASSERT(call->recall("short", first));
                return call->finish(text(std::string(first)), nullptr);
            });
        CPPUNIT_ASSERT_EQUAL(std::string("b"), said(call()));
    }

    void aLackingCapabilityIsNamed()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "x", SAMPLE); });
        TestServer::Modern how;
        const auto sink = server.modern("tools/call", R"("name":"t")", how);
        CPPUNIT_ASSERT(sink->error() == ErrorKind::MISSING_CAPABILITY);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"sampling":{}})"), at(sink->answer(), "/error/data/requiredCapabilities"));
        const auto legacy = LegacyClient(server).answer("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(legacy, "/result/isError"));
        CPPUNIT_ASSERT(legacy.find("sampling") != std::string::npos);
    }

    void capabilitiesDecideByMode()
    {
        const std::string url =
            R"({"method":"elicitation/create","params":{"mode":"url","message":"m","url":"https://e"}})";
        const std::string tools =
            R"({"method":"sampling/createMessage","params":{"messages":[],"maxTokens":5,"tools":[]}})";
        const auto asks = [&](const std::string& request, const std::string& capabilities)
        {
            tool([&](const CallBackendPtr& call) { return askAndSay(call, "x", request); });
            return at(call({}, capabilities), "/result/resultType") == "\"input_required\"";
        };
        CPPUNIT_ASSERT(asks(NAME, R"({"elicitation":{}})"));
        CPPUNIT_ASSERT(asks(NAME, R"({"elicitation":{"form":{},"url":{}}})"));
        CPPUNIT_ASSERT(!asks(NAME, R"({"elicitation":{"url":{}}})"));
        CPPUNIT_ASSERT(!asks(url, R"({"elicitation":{}})"));
        CPPUNIT_ASSERT(asks(url, R"({"elicitation":{"url":{}}})"));
        CPPUNIT_ASSERT(!asks(tools, R"({"sampling":{}})"));
        CPPUNIT_ASSERT(asks(tools, R"({"sampling":{"tools":{}}})"));
        CPPUNIT_ASSERT(!asks(ROOTS, R"({"elicitation":{},"sampling":{}})"));
    }

    void declinedAnswersReachThePlugin()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        for (const char* answer : {R"({"action":"decline"})", R"({"action":"cancel"})", R"({"action":"accept"})"})
            CPPUNIT_ASSERT_EQUAL(std::string(answer), said(answered("who", answer)));
    }

    void promptsAndResourcesMayAsk()
    {
        server.prompt(R"({"name":"p"})",
                      [](const CallBackendPtr& call)
                      {
                          const auto asked = call->requestInput("who", NAME);
                          return asked.status == TENON_OK ? call->finish(R"({"messages":[]})", nullptr) : asked.status;
                      });
        server.plugin->read = [](const CallBackendPtr& call)
        {
            const auto asked = call->requestInput("who", NAME);
            return asked.status == TENON_OK ? call->finish(R"({"contents":[]})", nullptr) : asked.status;
        };
        server.resource(R"({"uri":"x://a","name":"a"})");
        server.publish();
        TestServer::Modern how;
        how.capabilities = ALL;
        for (const auto& [method, params, member] :
             {std::tuple("prompts/get", R"("name":"p")", "/result/messages"),
              std::tuple("resources/read", R"("uri":"x://a")", "/result/contents")})
        {
            const auto first = server.modernAnswer(method, params, how);
            CPPUNIT_ASSERT_EQUAL(std::string("\"input_required\""), at(first, "/result/resultType"));
            const auto second = server.modernAnswer(method,
                                                    std::string(params) + ",\"inputResponses\":{\"who\":" + ALICE +
                                                        "},\"requestState\":" + at(first, "/result/requestState"),
                                                    how);
            CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(second, member));
        }
    }

    void completionsMayNotAsk()
    {
        tenon_status status = 0;
        server.prompt(R"({"name":"p"})", answering(R"({"messages":[]})"));
        server.plugin->complete = [&](const CallBackendPtr& call)
        {
            status = call->requestInput("who", NAME).status;
            return status;
        };
        server.publish();
        TestServer::Modern how;
        how.capabilities = ALL;
        const auto answer = server.modernAnswer(
            "completion/complete", R"("ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""})", how);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_UNSUPPORTED), status);
        CPPUNIT_ASSERT_EQUAL(std::string("-32603"), at(answer, "/error/code"));
    }

    void waitingWithoutAQuestionIsAPluginsMistake()
    {
        tool([](const CallBackendPtr&) { return TENON_INPUT_PENDING; });
        CPPUNIT_ASSERT_EQUAL(std::string("-32603"), at(call(), "/error/code"));
    }

    void badQuestionsAreRefused()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                for (const char* request :
                     {"{", "[]", R"({"method":"tools/call","params":{}})", R"({"method":"elicitation/create"})",
                      R"({"method":"elicitation/create","params":5})"})
                    CPPUNIT_ASSERT_EQUAL_MESSAGE(request, tenon_status(TENON_ERROR_INVALID),
                                                 call->requestInput("k", request).status);
                CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID), call->requestInput("", NAME).status);
                return call->finish(text("ok"), nullptr);
            });
        CPPUNIT_ASSERT_EQUAL(std::string("ok"), said(call()));
    }

    void legacyClientsAreAskedOnTheStream()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        LegacyClient client(server, "2025-11-25", ALL);
        const auto sink = client.request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        const auto asked = sink->events()[0];
        CPPUNIT_ASSERT(!asked.id.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("\"elicitation/create\""), at(asked.text, "/method"));
        CPPUNIT_ASSERT_EQUAL(at(NAME, "/params"), at(asked.text, "/params"));
        // Only its own session may answer, and only this id.
        LegacyClient other(server, "2025-11-25", ALL);
        CPPUNIT_ASSERT(other.respond(at(asked.text, "/id"), "\"result\":" + ALICE)->finished());
        CPPUNIT_ASSERT(client.respond("\"1\"", "\"result\":" + ALICE)->finished());
        CPPUNIT_ASSERT(!sink->ended());
        const auto accepted = client.respond(at(asked.text, "/id"), "\"result\":" + ALICE);
        CPPUNIT_ASSERT(accepted->finished() && accepted->answer().empty());
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(ALICE, said(sink->answer()));
    }

    void legacyRequestsHaveWhatTheRevisionKnows()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        for (const std::string version : {"2025-06-18", "2025-11-25"})
        {
            const auto sink = LegacyClient(server, version, ALL).request("tools/call", R"("name":"t")");
            CPPUNIT_ASSERT(sink->waitForEvents(1));
            CPPUNIT_ASSERT_EQUAL(std::string(version == "2025-11-25" ? "\"form\"" : ""),
                                 at(sink->events()[0].text, "/params/mode"));
            CPPUNIT_ASSERT_EQUAL(version == "2025-11-25", !sink->primingId().empty());
        }
        tool(
            [](const CallBackendPtr& call)
            {
                return askAndSay(
                    call, "x",
                    R"({"method":"elicitation/create","params":{"mode":"url","message":"m","url":"https://e"}})");
            });
        const auto sink =
            LegacyClient(server, "2025-11-25", R"({"elicitation":{"url":{}}})").request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        CPPUNIT_ASSERT(!at(sink->events()[0].text, "/params/elicitationId").empty());
    }

    void formsHaveWhatTheRevisionKnows()
    {
        const std::string form =
            R"({"type":"object","properties":{"size":{"type":"string","oneOf":[{"const":"s","title":"Small"},{"const":"l","title":"Large"}],"default":"s"},)"
            R"("gift":{"type":"boolean","default":true}},"required":["size"]})";
        tool(
            [&](const CallBackendPtr& call)
            {
                return askAndSay(call, "x",
                                 R"({"method":"elicitation/create","params":{"message":"m","requestedSchema":)" + form +
                                     "}}");
            });
        const auto asked = [&](const char* version)
        {
            const auto sink = LegacyClient(server, version, ALL).request("tools/call", R"("name":"t")");
            CPPUNIT_ASSERT(sink->waitForEvents(1));
            return at(sink->events()[0].text, "/params/requestedSchema");
        };
        CPPUNIT_ASSERT_EQUAL(form, asked("2025-11-25"));
        CPPUNIT_ASSERT_EQUAL(
            std::string(
                R"({"type":"object","properties":{"size":{"type":"string","enum":["s","l"],"enumNames":["Small","Large"]},)"
                R"("gift":{"type":"boolean","default":true}},"required":["size"]})"),
            asked("2025-06-18"));
    }

    void choicesOfSeveralNeedARevisionThatHasThem()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                return askAndSay(
                    call, "x",
                    R"({"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object",)"
                    R"("properties":{"days":{"type":"array","items":{"type":"string","enum":["mo","tu"]}}}}}})");
            });
        const auto refused = LegacyClient(server, "2025-06-18", ALL).answer("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(refused, "/result/isError"));
        CPPUNIT_ASSERT(at(refused, "/result/content/0/text").find("2025-06-18") != std::string::npos);
        CPPUNIT_ASSERT(
            LegacyClient(server, "2025-11-25", ALL).request("tools/call", R"("name":"t")")->waitForEvents(1));
    }

    void capabilitiesOfLaterRevisionsDoNotCount()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        const auto refused = LegacyClient(server, "2025-03-26", ALL).answer("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(refused, "/result/isError"));
        CPPUNIT_ASSERT(at(refused, "/result/content/0/text").find("elicitation") != std::string::npos);
    }

    void messagesToSampleHaveWhatTheRevisionKnows()
    {
        tool(
            [](const CallBackendPtr& call)
            {
                return askAndSay(
                    call, "x",
                    R"({"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":[)"
                    R"({"type":"text","text":"a"},{"type":"audio","data":"","mimeType":"audio/wav"}]}],"maxTokens":5}})");
            });
        const auto messages = [&](const char* version)
        {
            const auto sink = LegacyClient(server, version, ALL).request("tools/call", R"("name":"t")");
            CPPUNIT_ASSERT(sink->waitForEvents(1));
            return sink->events()[0].text;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("\"audio\""), at(messages("2025-11-25"), "/params/messages/0/content/1/type"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"a\""), at(messages("2025-03-26"), "/params/messages/0/content/text"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"audio\""), at(messages("2025-03-26"), "/params/messages/1/content/type"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"text\""), at(messages("2024-11-05"), "/params/messages/1/content/type"));
    }

    void legacyErrorsReachThePlugin()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "x", SAMPLE); });
        LegacyClient client(server, "2025-11-25", ALL);
        auto sink = client.request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        client.respond("1", R"("error":{"code":-1,"message":"no"})");
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(sink->answer(), "/result/isError"));
        tool([](const CallBackendPtr& call) { return askAndSay(call, "x", NAME); });
        sink = client.request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        client.respond("2", R"("error":{"code":-1,"message":"no"})");
        CPPUNIT_ASSERT(sink->waitForEnd());
        // Not "dismissed": no user has seen it.
        CPPUNIT_ASSERT_EQUAL(std::string("the client could not answer what 't' asked"), said(sink->answer()));
    }

    void legacyRoundsGoOnWhenAllIsAnswered()
    {
        std::atomic<int> entered{0};
        tool(
            [&](const CallBackendPtr& call) -> tenon_status
            {
                ++entered;
                const auto a = call->requestInput("a", NAME), b = call->requestInput("b", ROOTS);
                if (a.status == TENON_INPUT_PENDING || b.status == TENON_INPUT_PENDING)
                    return TENON_INPUT_PENDING;
                const auto c = call->requestInput("c", NAME);
                return c.status == TENON_OK ? call->finish(text("all"), nullptr) : c.status;
            });
        LegacyClient client(server, "2025-11-25", ALL);
        const auto sink = client.request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->waitForEvents(2));
        client.respond("2", R"("result":{"roots":[]})");
        CPPUNIT_ASSERT_EQUAL(1, entered.load());
        client.respond("1", "\"result\":" + ALICE);
        CPPUNIT_ASSERT(sink->waitForEvents(3));
        client.respond("3", "\"result\":" + ALICE);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("all"), said(sink->answer()));
        CPPUNIT_ASSERT_EQUAL(3, entered.load());
    }

    /// Otherwise it would wait for an answer to a question that nobody heard.
    void aClientThatCannotBeAskedIsToldSo()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        LegacyClient client(server, "2025-11-25", ALL);
        const auto sink = client.request("tools/call", R"("name":"t")", "1", false);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::string("true"), at(sink->answer(), "/result/isError"));
    }

    void withoutAStreamTheSessionsIsUsed()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        LegacyClient client(server, "2025-11-25", ALL);
        const auto stream = client.get();
        const auto sink = client.request("tools/call", R"("name":"t")", "1", false);
        CPPUNIT_ASSERT(stream->waitForEvents(1));
        client.respond("1", "\"result\":" + ALICE);
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(ALICE, said(sink->answer()));
    }

    void connectionsCarryQuestions()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        const auto connection = std::make_shared<RecordingSink>();
        const auto session =
            server.dispatcher->openConnectionSession(tenon::mcp::Transport::HTTP_SSE, server.anybody, connection);
        const auto send = [&](const std::string& body) { return server.sendOn(session, body); };
        send(
            R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":)" +
            ALL + "}}");
        const auto sink = send(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}})");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        send("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":" + ALICE + '}');
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(ALICE, said(sink->answer()));
        CPPUNIT_ASSERT(sink->events()[0].id.empty()); // nothing to resume there
    }

    void answersAfterTheEndAreDropped()
    {
        std::atomic<int> entered{0};
        tool(
            [&](const CallBackendPtr& call)
            {
                ++entered;
                return askAndSay(call, "who", NAME);
            });
        LegacyClient client(server, "2025-11-25", ALL);
        const auto sink = client.request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        client.notify("notifications/cancelled", R"("requestId":1)");
        CPPUNIT_ASSERT(client.respond("1", "\"result\":" + ALICE)->finished());
        client.end();
        server.executor.stop();
        CPPUNIT_ASSERT_EQUAL(1, entered.load());
    }

    void unansweredQuestionsDoNotPileUp()
    {
        tool([](const CallBackendPtr& call) { return askAndSay(call, "who", NAME); });
        LegacyClient client(server, "2025-11-25", ALL);
        const auto session = server.dispatcher->protocol().sessions.find(client.session());
        for (int round = 1; round <= 3; ++round)
        {
            const auto sink = client.request("tools/call", R"("name":"t")");
            CPPUNIT_ASSERT(sink->waitForEvents(1));
            client.notify("notifications/cancelled", R"("requestId":1)");
            tenon::jsonrpc::Message late;
            late.id = std::to_string(round);
            CPPUNIT_ASSERT(!session->respond(late, nullptr)); // nobody is kept who would wait for it
        }
    }

    /// As in a worker process: the call goes on elsewhere, and says later that it waits, perhaps before `enter` is back.
    void aPluginThatWaitsElsewhereIsEnteredAgain()
    {
        for (const bool early : {true, false})
        {
            std::thread later;
            std::atomic<int> entered{0};
            tool(
                [&](const CallBackendPtr& call) -> tenon_status
                {
                    const auto asked = call->requestInput("who", NAME);
                    if (++entered > 1)
                        return call->finish(text(tenon::base::toJson(asked.answer->root())), nullptr);
                    if (early)
                        call->inputPending();
                    else
                        later = std::thread([call] { call->inputPending(); });
                    return TENON_ASYNC;
                });
            LegacyClient client(server, "2025-11-25", ALL);
            const auto sink = client.request("tools/call", R"("name":"t")");
            CPPUNIT_ASSERT(sink->waitForEvents(1));
            client.respond("1", "\"result\":" + ALICE);
            CPPUNIT_ASSERT(sink->waitForEnd());
            CPPUNIT_ASSERT_EQUAL(ALICE, said(sink->answer()));
            CPPUNIT_ASSERT_EQUAL(2, entered.load());
            if (later.joinable())
                later.join();
        }
    }

private:
    void tool(FakePlugin::Function function)
    {
        server.draft.tools.clear();
        server.simpleTool("t", std::move(function));
        server.publish();
    }

    std::string call(const std::string& more = {}, const std::string& capabilities = {},
                     tenon::base::PrincipalPtr principal = nullptr)
    {
        TestServer::Modern how;
        how.capabilities = capabilities.empty() ? ALL : capabilities;
        how.principal = std::move(principal);
        return server.modernAnswer("tools/call", "\"name\":\"t\"" + more, how);
    }

    /// What comes when the question that the tool asks is answered.
    std::string answered(const std::string& key, const std::string& answer)
    {
        return call(",\"inputResponses\":{\"" + key + "\":" + answer +
                    "},\"requestState\":" + at(call(), "/result/requestState"));
    }

    /// The text of the tool's result.
    static std::string said(const std::string& answer)
    {
        const auto document = tenon::base::JsonDocument::parse(answer);
        std::string_view said;
        if (document->root().at_pointer("/result/content/0/text").get_string().get(said))
            return "no text: " + answer;
        return std::string(said);
    }

    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(InputTest);

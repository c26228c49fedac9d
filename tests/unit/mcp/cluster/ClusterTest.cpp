// Legacy sessions at several instances, which share an archive and write each other letters.
#include "base/text/PercentCoding.h"
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <mutex>
#include <set>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;
using tenon::plugin::CallBackendPtr;

namespace
{
const std::string ASK_NAME =
    R"({"method":"elicitation/create","params":{"mode":"form","message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}}}}})";
const std::string CALL = R"("name":"held","_meta":{"progressToken":1})";
} // namespace

class ClusterTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ClusterTest);
    CPPUNIT_TEST(aSessionIsWhereverItsClientComes);
    CPPUNIT_TEST(othersLearnNothingOfASession);
    CPPUNIT_TEST(idsNameTheirInstance);
    CPPUNIT_TEST(whatIsNotAnsweredIsNotGone);
    CPPUNIT_TEST(anAnswerFindsTheCallThatAsked);
    CPPUNIT_TEST(aCancellationFindsItsCall);
    CPPUNIT_TEST(aStreamIsResumedElsewhere);
    CPPUNIT_TEST(aResumedStreamIsLeftAgain);
    CPPUNIT_TEST(whatWasFinishedIsReplayedByOthers);
    CPPUNIT_TEST(aCallOfAnInstanceThatIsGoneEndsOnce);
    CPPUNIT_TEST(anAnswerIsOwedEvenIfNothingWasKept);
    CPPUNIT_TEST(whatWasLostDoesNotTakeTheAnswerWithIt);
    CPPUNIT_TEST(aLostLetterLeavesNobodyWaiting);
    CPPUNIT_TEST(anErrandThatWasGivenUpThereIsLostHere);
    CPPUNIT_TEST(aClientsAnswerArrivesAlthoughItWasLost);
    CPPUNIT_TEST(aClientsAnswerFindsAnInstanceThatWasThoughtToBeGone);
    CPPUNIT_TEST(aClientsAnswerFindsAnInstanceThatWasNeverSeen);
    CPPUNIT_TEST(aSessionThatHasEndedDoesNotComeBack);
    CPPUNIT_TEST(aSessionThatEndsWhileTheArchiveIsAwayDoesNotComeBack);
    CPPUNIT_TEST(anErrandToAnInstanceThatGoesIsEndedByOthers);
    CPPUNIT_TEST(theSessionsStreamGoesOnElsewhere);
    CPPUNIT_TEST(questionsTravelToTheStream);
    CPPUNIT_TEST(newsReachTheStreamOnce);
    CPPUNIT_TEST(subscriptionsAreKnownEverywhere);
    CPPUNIT_TEST(aSessionEndsEverywhere);
    CPPUNIT_TEST(whatIsAliveIsWrittenAgain);
    CPPUNIT_TEST(aStopKeepsTheSession);
    CPPUNIT_TEST(aStartFindsWhatWasKept);
    CPPUNIT_TEST(aSessionThatALaterVersionKeepsIsNotLost);
    CPPUNIT_TEST(lettersOfALaterVersionHurtNobody);
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

    void aSessionIsWhereverItsClientComes()
    {
        LegacyClient client(*one, "2025-06-18");
        LegacyClient there(*two, client);
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(there.answer("tools/call", R"("name":"quick")"), "/result/content"));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"),
                             at(client.answer("tools/call", R"("name":"quick")"), "/result/content"));
        const auto session = two->dispatcher->protocol().sessions.find(client.session());
        CPPUNIT_ASSERT(session->version() == tenon::mcp::ProtocolVersion::V2025_06_18);
        CPPUNIT_ASSERT_EQUAL(std::string("test 1"), session->clientName());
    }

    void othersLearnNothingOfASession()
    {
        LegacyClient client(*one, "2025-11-25", "{}", principalOf("alice"));
        LegacyClient same(*two, client);
        auto headers = same.headers();
        const auto sink = two->send(R"({"jsonrpc":"2.0","id":1,"method":"ping"})", headers); // of anybody
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT(sink->error() == ErrorKind::SESSION_NOT_FOUND);
        headers.set("Mcp-Session-Id", "one.12345678.00000000000000000000000000000000");
        const auto unknown = two->send(R"({"jsonrpc":"2.0","id":1,"method":"ping"})", headers);
        CPPUNIT_ASSERT(unknown->waitForEnd());
        CPPUNIT_ASSERT(unknown->error() == ErrorKind::SESSION_NOT_FOUND);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(same.answer("ping"), "/result"));
    }

    void idsNameTheirInstance()
    {
        LegacyClient client(*one);
        CPPUNIT_ASSERT(client.session().starts_with(one->services.instance.tag() + '.'));
        const auto sink = call(client);
        CPPUNIT_ASSERT(sink->primingId().starts_with(one->services.instance.tag() + ".1.MQ_0")); // "1" in Base64
    }

    void whatIsNotAnsweredIsNotGone()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        fleet.archive.leave();
        const auto sink = there.request("ping");
        CPPUNIT_ASSERT(sink->waitForEnd());
        CPPUNIT_ASSERT(sink->error() == ErrorKind::LIMIT);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(client.answer("ping"), "/result")); // what is local goes on
        CPPUNIT_ASSERT(LegacyClient(*two).session() != "");
        fleet.archive.comeBack(false);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
    }

    void anAnswerFindsTheCallThatAsked()
    {
        LegacyClient client(*one, "2025-11-25", R"({"elicitation":{}})");
        LegacyClient there(*two, client);
        const auto sink = client.request("tools/call", R"("name":"asks")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        const auto id = at(sink->events()[0].text, "/id");
        CPPUNIT_ASSERT(id.starts_with('"' + one->services.instance.tag() + ".1."));
        CPPUNIT_ASSERT(there.respond(id, R"("result":{"action":"accept","content":{"name":"Alice"}})")->waitForEnd());
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->finished(); }));
        CPPUNIT_ASSERT(sink->answer().find("Alice") != std::string::npos);
    }

    void aCancellationFindsItsCall()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto sink = call(client, "\"the one\"");
        CPPUNIT_ASSERT(there.notify("notifications/cancelled", R"("requestId":"the one","reason":"r")")->waitForEnd());
        CPPUNIT_ASSERT(fleet.eventually([&] { return held->isCancelled(); }));
        CPPUNIT_ASSERT(sink->ended() && !sink->finished());
    }

    void aStreamIsResumedElsewhere()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto sink = call(client);
        sink->disconnect();
        held->progress(2, 0, "");
        const auto again = there.get(sink->events()[0].id);
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->events().size() == 1; }));
        held->progress(3, 0, "");
        held.take()->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->ended(); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), again->events().size());
        CPPUNIT_ASSERT_EQUAL(std::string("3"), at(again->events()[1].text, "/params/progress"));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(again->answer(), "/result/content"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->answers());
    }

    void aResumedStreamIsLeftAgain()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto sink = call(client);
        sink->disconnect();
        const auto again = there.get(sink->events()[0].id);
        held->progress(2, 0, "");
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->events().size() == 1; }));
        again->disconnect();
        (void)fleet.hub.deliver();
        held->progress(3, 0, "");
        held.take()->finish(R"({"content":[]})", nullptr);
        const auto home = client.get(again->events()[0].id);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), home->events().size());
    }

    void whatWasFinishedIsReplayedByOthers()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto sink = call(client);
        sink->disconnect();
        held.take()->finish(R"({"content":[]})", nullptr);
        kill(one);
        const auto again = there.get(sink->events()[0].id);
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->ended(); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size());
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(again->events()[0].text, "/result/content"));
        const auto over = there.get(again->events()[0].id);
        CPPUNIT_ASSERT(fleet.eventually([&] { return over->ended(); }));
        CPPUNIT_ASSERT(over->events().empty() && over->error() == ErrorKind::NONE);
    }

    void aCallOfAnInstanceThatIsGoneEndsOnce()
    {
        const auto three = start("three");
        LegacyClient client(*one);
        LegacyClient there(*two, client), elsewhere(*three, client);
        const auto sink = call(client, "\"mine\"");
        kill(one);
        std::string text;
        for (auto* where : {&there, &elsewhere, &there})
        {
            const auto again = where->get(sink->events()[0].id);
            CPPUNIT_ASSERT(fleet.eventually([&] { return again->ended(); }));
            CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size());
            CPPUNIT_ASSERT_EQUAL(std::string("\"mine\""), at(again->events()[0].text, "/id"));
            CPPUNIT_ASSERT(again->events()[0].text.find("is gone") != std::string::npos);
            CPPUNIT_ASSERT(text.empty() || text == again->events()[0].id + again->events()[0].text);
            text = again->events()[0].id + again->events()[0].text;
        }
    }

    void anAnswerIsOwedEvenIfNothingWasKept()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
        fleet.archive.leave();
        const auto sink = call(client, "\"mine\"");
        fleet.archive.comeBack(false);
        kill(one);
        const auto again = there.get(sink->events()[0].id);
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->ended(); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size());
        CPPUNIT_ASSERT_EQUAL(std::string("\"mine\""), at(again->events()[0].text, "/id"));
        CPPUNIT_ASSERT(again->events()[0].text.find("is gone") != std::string::npos);
    }

    void whatWasLostDoesNotTakeTheAnswerWithIt()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
        const auto sink = call(client);
        sink->disconnect();
        fleet.archive.leave();
        held->progress(2, 0, "");
        fleet.archive.comeBack(false);
        held.take()->finish(R"({"content":[]})", nullptr);
        kill(one);
        const auto again = there.get(sink->events()[0].id);
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->ended(); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size()); // its number shows that one is missing
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(again->events()[0].text, "/result/content"));
    }

    void aLostLetterLeavesNobodyWaiting()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto sink = call(client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
        const auto again = there.get(sink->events()[0].id);
        fleet.hub.loseLetters();
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->ended(); }));
        CPPUNIT_ASSERT(again->error() == ErrorKind::LIMIT); // try again
        const auto then = there.get(sink->events()[0].id);
        held.take()->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(fleet.eventually([&] { return then->ended(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(then->events().back().text, "/result/content"));
    }

    void anErrandThatWasGivenUpThereIsLostHere()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto sink = call(client);
        const auto again = there.get(sink->events()[0].id);
        held->progress(2, 0, "");
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->events().size() == 1; }));
        fleet.hub.kill(two->services.instance.tag()); // it is stopped for longer than its lease
        fleet.hub.signOfLife();
        fleet.hub.revive(two->services.instance.tag());
        fleet.hub.signOfLife();
        CPPUNIT_ASSERT(
            fleet.eventually([&] { return again->ended(); })); // and does not wait for ever for what is over there
        held.take()->finish(R"({"content":[]})", nullptr);
        const auto then = there.get(again->events()[0].id);
        CPPUNIT_ASSERT(fleet.eventually([&] { return then->ended(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(then->events().back().text, "/result/content"));
    }

    void aClientsAnswerArrivesAlthoughItWasLost()
    {
        LegacyClient client(*one, "2025-11-25", R"({"elicitation":{}})");
        LegacyClient there(*two, client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
        const auto sink = client.request("tools/call", R"("name":"asks")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        const auto id = at(sink->events()[0].text, "/id");
        CPPUNIT_ASSERT(there.respond(id, R"("result":{"action":"accept","content":{"name":"Eve"}})")->waitForEnd());
        fleet.hub.loseLetters();
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->finished(); }));
        CPPUNIT_ASSERT(sink->answer().find("Eve") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), sink->answers());
    }

    void aClientsAnswerFindsAnInstanceThatWasThoughtToBeGone()
    {
        LegacyClient client(*one, "2025-11-25", R"({"elicitation":{}})");
        LegacyClient there(*two, client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
        const auto sink = client.request("tools/call", R"("name":"asks")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        const auto tag = one->services.instance.tag();
        fleet.hub.kill(tag);
        fleet.hub.signOfLife();
        CPPUNIT_ASSERT(
            there.respond(at(sink->events()[0].text, "/id"), R"("result":{"action":"decline"})")->waitForEnd());
        fleet.hub.revive(tag);
        fleet.hub.signOfLife();
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->finished(); }));
        CPPUNIT_ASSERT(sink->answer().find("decline") != std::string::npos);
    }

    void aClientsAnswerFindsAnInstanceThatWasNeverSeen()
    {
        LegacyClient client(*one, "2025-11-25", R"({"elicitation":{}})");
        const auto sink = client.request("tools/call", R"("name":"asks")");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        const auto tag = one->services.instance.tag();
        fleet.hub.kill(tag); // for a moment, in which another one starts
        fleet.hub.signOfLife();
        const auto three = start("three");
        fleet.hub.signOfLife();
        LegacyClient there(*three, client);
        CPPUNIT_ASSERT(
            there.respond(at(sink->events()[0].text, "/id"), R"("result":{"action":"decline"})")->waitForEnd());
        fleet.hub.revive(tag);
        fleet.hub.signOfLife();
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->finished(); }));
        CPPUNIT_ASSERT(sink->answer().find("decline") != std::string::npos);
    }

    void aSessionThatHasEndedDoesNotComeBack()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
        const auto ended = client.end();
        CPPUNIT_ASSERT(ended->waitForEnd());
        CPPUNIT_ASSERT(ended->error() == ErrorKind::NONE);
        fleet.hub.loseLetters();       // two does not know yet,
        fleet.archive.comeBack(false); // and writes what it has again
        const auto three = start("three");
        LegacyClient elsewhere(*three, client);
        for (auto* where : {&elsewhere, &client})
        {
            const auto ping = where->request("ping");
            CPPUNIT_ASSERT(ping->waitForEnd());
            CPPUNIT_ASSERT(ping->error() == ErrorKind::SESSION_NOT_FOUND);
        }
        CPPUNIT_ASSERT(fleet.eventually(
            [&] { return !two->dispatcher->protocol().sessions.find(client.session()); })); // it is told again
    }

    void aSessionThatEndsWhileTheArchiveIsAwayDoesNotComeBack()
    {
        LegacyClient client(*one);
        auto& protocol = one->dispatcher->protocol();
        fleet.archive.leave();
        const auto refused = client.end();
        CPPUNIT_ASSERT(refused->waitForEnd());
        CPPUNIT_ASSERT(refused->error() == ErrorKind::LIMIT);          // others would go on with it
        protocol.endSession(protocol.sessions.find(client.session())); // but an operator means it
        fleet.archive.comeBack(false);                                 // with its record
        const auto three = start("three");                             // which was told nothing
        const auto ping = LegacyClient(*three, client).request("ping");
        CPPUNIT_ASSERT(ping->waitForEnd());
        CPPUNIT_ASSERT(ping->error() == ErrorKind::SESSION_NOT_FOUND);
    }

    void anErrandToAnInstanceThatGoesIsEndedByOthers()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto sink = call(client);
        fleet.hub.kill(one->services.instance.tag()); // it does not answer, and its lease has not ended
        const auto again = there.get(sink->events()[0].id);
        CPPUNIT_ASSERT(!fleet.eventually([&, left = 10]() mutable { return again->ended() || --left == 0; }) ||
                       !again->ended());
        fleet.hub.signOfLife();
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->ended(); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size());
    }

    void theSessionsStreamGoesOnElsewhere()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto stream = client.get();
        two->publish(true);
        CPPUNIT_ASSERT(fleet.eventually([&] { return stream->events().size() == 1; }));
        kill(one);
        const auto again = there.get(stream->primingId());
        CPPUNIT_ASSERT(fleet.eventually([&] { return !again->primingId().empty(); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size());
        CPPUNIT_ASSERT(again->primingId().starts_with(two->services.instance.tag()));
        two->publish(true);
        CPPUNIT_ASSERT(again->waitForEvents(2));
    }

    void questionsTravelToTheStream()
    {
        LegacyClient client(*one, "2025-11-25", R"({"elicitation":{}})");
        LegacyClient there(*two, client);
        const auto stream = there.get();
        CPPUNIT_ASSERT(fleet.eventually([&] { return stream->opened(); }));
        (void)fleet.hub.deliver();
        const auto sink = client.request("tools/call", R"("name":"asks")", "1", false); // it cannot ask on its own
        CPPUNIT_ASSERT(fleet.eventually([&] { return stream->events().size() == 1; }));
        (void)there.respond(at(stream->events()[0].text, "/id"),
                            R"("result":{"action":"accept","content":{"name":"Bob"}})");
        CPPUNIT_ASSERT(fleet.eventually([&] { return sink->finished(); }));
        CPPUNIT_ASSERT(sink->answer().find("Bob") != std::string::npos);
    }

    void newsReachTheStreamOnce()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto stream = there.get();
        CPPUNIT_ASSERT(fleet.eventually([&] { return stream->opened(); }));
        (void)fleet.hub.deliver();
        one->publish(true);
        CPPUNIT_ASSERT(fleet.eventually([&] { return stream->events().size() == 1; }));
        two->publish(false, true);
        CPPUNIT_ASSERT(fleet.eventually([&] { return stream->events().size() == 2; }));
        (void)fleet.hub.deliver();
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), stream->events().size());
    }

    void subscriptionsAreKnownEverywhere()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto stream = there.get();
        CPPUNIT_ASSERT(fleet.eventually([&] { return stream->opened(); }));
        (void)fleet.hub.deliver();
        const auto asked = client.request("resources/subscribe", R"("uri":"r:1")");
        CPPUNIT_ASSERT(fleet.eventually([&] { return asked->ended(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(asked->answer(), "/result"));
        CPPUNIT_ASSERT(subscribed(*two, client, "r:1")); // not a moment later
        one->catalogues.resourceUpdated("r:1");
        CPPUNIT_ASSERT(fleet.eventually([&] { return stream->events().size() == 1; }));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("resources/unsubscribe", R"("uri":"r:1")"), "/result"));
        CPPUNIT_ASSERT(fleet.eventually([&] { return !subscribed(*one, client, "r:1"); }));
        one->catalogues.resourceUpdated("r:1");
        (void)fleet.hub.deliver();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), stream->events().size());
    }

    void aSessionEndsEverywhere()
    {
        LegacyClient client(*one);
        LegacyClient there(*two, client);
        const auto sink = call(client);
        const auto ended = there.end();
        CPPUNIT_ASSERT(fleet.eventually([&] { return ended->ended() && sink->ended(); }));
        CPPUNIT_ASSERT(ended->error() == ErrorKind::NONE);
        for (auto* where : {&client, &there})
        {
            const auto ping = where->request("ping");
            CPPUNIT_ASSERT(ping->waitForEnd());
            CPPUNIT_ASSERT(ping->error() == ErrorKind::SESSION_NOT_FOUND);
        }
    }

    void whatIsAliveIsWrittenAgain()
    {
        LegacyClient client(*one);
        fleet.archive.leave();
        fleet.archive.comeBack(true);
        LegacyClient there(*two, client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
    }

    void aStopKeepsTheSession()
    {
        LegacyClient client(*one);
        const auto stream = client.get();
        const auto sink = call(client);
        sink->disconnect();
        held.take()->finish(R"({"content":[]})", nullptr);
        one->dispatcher->drain(50);
        one->dispatcher->endAllSessions(50);
        CPPUNIT_ASSERT(stream->ended());
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(50), stream->retryMs());
        kill(one);
        LegacyClient there(*two, client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
        const auto again = there.get(sink->events()[0].id);
        CPPUNIT_ASSERT(fleet.eventually([&] { return again->ended(); }));
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(again->events().at(0).text, "/result/content"));
    }

    void aStartFindsWhatWasKept()
    {
        TestFleet kept; // a file
        auto before = start("alone", &kept);
        LegacyClient client(*before);
        (void)client.answer("resources/subscribe", R"("uri":"r:1")");
        const auto sink = call(client);
        held.drop();
        before.reset();
        const auto now = start("alone", &kept);
        LegacyClient again(*now, client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(again.answer("ping"), "/result"));
        const auto stream = again.get();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return subscribed(*now, client, "r:1"); }));
        now->catalogues.resourceUpdated("r:1");
        CPPUNIT_ASSERT(stream->waitForEvents(1));
        const auto rest = again.get(sink->events()[0].id);
        CPPUNIT_ASSERT(rest->waitForEnd());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), rest->events().size());
    }

    void aSessionThatALaterVersionKeepsIsNotLost()
    {
        LegacyClient client(*one);
        const std::string kept = recordOf(client);
        CPPUNIT_ASSERT(kept.starts_with(R"({"form":1,)"));
        const std::string revision = R"("2025-11-25")";
        CPPUNIT_ASSERT(kept.find(revision) != std::string::npos);
        for (const auto& later : {R"({"form":2,)" + kept.substr(10),
                                  std::string(kept).replace(kept.find(revision), revision.size(), R"("2031-05-05")")})
        {
            keep(client, later);
            const auto ping = LegacyClient(*two, client).request("ping");
            CPPUNIT_ASSERT(ping->waitForEnd());
            CPPUNIT_ASSERT_MESSAGE(later,
                                   ping->error() == ErrorKind::LIMIT); // not "unknown": the client would begin anew
        }
        keep(client, R"({"more":[{}],)" + kept.substr(1)); // what only a later version reads is passed over
        LegacyClient there(*two, client);
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(there.answer("ping"), "/result"));
        keep(client, "nonsense");
        const auto three = start("three");
        const auto ping = LegacyClient(*three, client).request("ping");
        CPPUNIT_ASSERT(ping->waitForEnd());
        CPPUNIT_ASSERT(ping->error() == ErrorKind::SESSION_NOT_FOUND);
    }

    void lettersOfALaterVersionHurtNobody()
    {
        LegacyClient client(*one);
        Later later;
        const auto bus = fleet.hub.bus("later.12345678");
        bus->start(later);
        fleet.hub.signOfLife();
        const std::string tag = one->services.instance.tag();
        bus->send(tag, "no letter", nullptr);
        bus->send(tag, "news\n1:x", nullptr);
        bus->send(tag, "errand\n1:71:1", nullptr); // number 7, as those of this version begin
        bus->send(tag, "sure\n1:98:kind\n1:x", nullptr);
        bus->send(tag, "errands\n1:7", nullptr);
        CPPUNIT_ASSERT(fleet.eventually([&] { return later.has("unknown\n1:7"); })); // it need not wait for that
        CPPUNIT_ASSERT(later.has("arrived\n1:9"));                                   // nor send it again
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(client.answer("ping"), "/result"));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(LegacyClient(*two, client).answer("ping"), "/result"));
        bus->stop();
    }

private:
    /// An instance that only listens.
    class Later : public tenon::store::BusListener
    {
    public:
        void received(const std::string&, std::string_view message) override
        {
            const std::lock_guard lock(_mutex);
            _letters.emplace(message);
        }
        void members(const std::vector<tenon::store::Member>&) override {}
        void lapsed() override {}
        [[nodiscard]] bool has(const std::string& letter) const
        {
            const std::lock_guard lock(_mutex);
            return _letters.count(letter) != 0;
        }

    private:
        mutable std::mutex _mutex;
        std::set<std::string> _letters;
    };

    std::string recordOf(const LegacyClient& client)
    {
        std::string text;
        fleet.archive.get(tenon::store::RecordKind::SESSION, client.session(),
                          [&text](tenon::store::Outcome, const tenon::store::Record& record) { text = record.text; });
        return text;
    }

    void keep(const LegacyClient& client, const std::string& text)
    {
        fleet.archive.put({tenon::store::RecordKind::SESSION, client.session(), {}, 0, text, 60'000}, nullptr);
    }

    std::unique_ptr<TestServer> start(const std::string& name, TestFleet* alone = nullptr)
    {
        auto server =
            alone ? std::make_unique<TestServer>(*alone, name, true) : std::make_unique<TestServer>(fleet, name);
        server->simpleTool("quick", answering(R"({"content":[]})"));
        server->simpleTool("held", held.keeping());
        server->simpleTool("asks",
                           [](const CallBackendPtr& call) -> tenon_status
                           {
                               const auto asked = call->requestInput("name", ASK_NAME);
                               if (asked.status != TENON_OK)
                                   return asked.status;
                               return call->finish(R"({"content":[],"structuredContent":)" +
                                                       tenon::base::toJson(asked.answer->root()) + '}',
                                                   nullptr);
                           });
        server->resource(R"({"uri":"r:1","name":"r"})");
        server->publish();
        return server;
    }

    /// A call that runs, and has said so on its stream.
    RecordingSinkPtr call(LegacyClient& client, const std::string& id = "1")
    {
        const auto sink = client.request("tools/call", CALL, id);
        held.wait();
        held->progress(1, 0, "");
        CPPUNIT_ASSERT(sink->waitForEvents(1));
        return sink;
    }

    void kill(const std::unique_ptr<TestServer>& server)
    {
        fleet.hub.kill(server->services.instance.tag());
        fleet.hub.signOfLife();
    }

    static bool subscribed(TestServer& server, const LegacyClient& client, const std::string& uri)
    {
        const auto session = server.dispatcher->protocol().sessions.find(client.session());
        return session && !session->subscribedAs(tenon::base::normalUri(uri)).empty();
    }

    TestFleet fleet;
    HeldCall held;
    std::unique_ptr<TestServer> one, two;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClusterTest);

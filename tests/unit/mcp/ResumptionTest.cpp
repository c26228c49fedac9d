// Clients that lose their stream and come back for the rest.
#include "unit/mcp/HeldCall.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;

class ResumptionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ResumptionTest);
    CPPUNIT_TEST(streamsAreOpenedWithAPlaceToComeBackTo);
    CPPUNIT_TEST(aQuickAnswerIsNoStream);
    CPPUNIT_TEST(whatWasSentMeanwhileIsReplayed);
    CPPUNIT_TEST(theAnswerIsNotLost);
    CPPUNIT_TEST(theAnswerOutlivesTheLimits);
    CPPUNIT_TEST(theStreamGoesOnAfterItIsResumed);
    CPPUNIT_TEST(aLateFarewellOfTheOldConnectionDoesNotMuteTheNew);
    CPPUNIT_TEST(onlyTheOwnSessionMayResume);
    CPPUNIT_TEST(onlyTheOwnStreamIsReplayed);
    CPPUNIT_TEST(whatIsGoneCannotBeResumed);
    CPPUNIT_TEST(aStreamReadToTheEndIsOver);
    CPPUNIT_TEST(aReleasedStreamWaitsForItsClient);
    CPPUNIT_TEST(aReleasedStreamSaysWhenToComeBack);
    CPPUNIT_TEST(olderRevisionsAreNotReleased);
    CPPUNIT_TEST(theSessionsStreamIsResumedToo);
    CPPUNIT_TEST(answersRaceWithResumption);
    CPPUNIT_TEST(aDroppedStreamLeavesNothing);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server.simpleTool("t", held.keeping());
        server.publish();
    }

    void tearDown() override { held.drop(); }

    void streamsAreOpenedWithAPlaceToComeBackTo()
    {
        const auto sink = call();
        CPPUNIT_ASSERT(!sink->opened());
        progress(1);
        CPPUNIT_ASSERT_EQUAL(std::string("1_0"), sink->primingId());
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(1000), sink->retryMs());
        CPPUNIT_ASSERT_EQUAL(std::string("1_1"), sink->events().at(0).id);
        finish();
        CPPUNIT_ASSERT_EQUAL(std::string("1_2"), sink->finalEventId());
        const auto next = call("2");
        progress(1);
        CPPUNIT_ASSERT_EQUAL(std::string("2_0"), next->primingId());
    }

    void aQuickAnswerIsNoStream()
    {
        const auto sink = call();
        finish();
        CPPUNIT_ASSERT(sink->finished() && !sink->opened());
        CPPUNIT_ASSERT(sink->finalEventId().empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.events.bytes());
    }

    void whatWasSentMeanwhileIsReplayed()
    {
        const auto sink = call();
        progress(1);
        sink->disconnect();
        progress(2);
        progress(3);
        const auto again = client.get(sink->events().at(0).id);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), again->events().size());
        CPPUNIT_ASSERT_EQUAL(std::string("2"), at(again->events()[0].text, "/params/progress"));
        CPPUNIT_ASSERT_EQUAL(std::string("1_3"), again->events()[1].id);
        CPPUNIT_ASSERT(!again->ended());
        // From the priming event on it is all of them.
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), client.get("1_0")->events().size());
        CPPUNIT_ASSERT(again->ended()); // the client reads elsewhere now
    }

    void theAnswerIsNotLost()
    {
        const auto sink = call();
        progress(1);
        sink->disconnect();
        finish();
        for (int times = 0; times < 2; ++times) // it may get lost on its way once more
        {
            const auto again = client.get("1_1");
            CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size());
            CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(again->events()[0].text, "/result/content"));
            CPPUNIT_ASSERT(again->ended() && !again->finished());
        }
    }

    void theAnswerOutlivesTheLimits()
    {
        TestServer small(TestServer::defaults(), 3);
        HeldCall kept;
        small.simpleTool("t", kept.keeping());
        small.publish();
        LegacyClient visitor(small);
        const auto sink = visitor.request("tools/call", R"("name":"t","_meta":{"progressToken":1})");
        for (int done = 1; done <= 10; ++done)
            kept->progress(done, 0, "");
        sink->disconnect();
        kept->finish(R"({"content":[]})", nullptr);
        CPPUNIT_ASSERT(visitor.get("1_5")->error() ==
                       ErrorKind::INVALID_REQUEST); // some of it is gone: nothing is replayed
        const auto again = visitor.get(sink->events().back().id);
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(again->events().at(0).text, "/result/content"));
    }

    void theStreamGoesOnAfterItIsResumed()
    {
        const auto sink = call();
        progress(1);
        sink->disconnect();
        const auto again = client.get("1_1");
        CPPUNIT_ASSERT(again->opened() && again->events().empty());
        progress(2);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size());
        finish();
        CPPUNIT_ASSERT(again->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("1_3"), again->finalEventId());
        CPPUNIT_ASSERT(sink->events().size() == 1 && !sink->finished());
    }

    /// The client is back before the server hears that its old connection broke.
    void aLateFarewellOfTheOldConnectionDoesNotMuteTheNew()
    {
        auto& events = server.events;
        const auto sent = std::make_shared<std::atomic<std::uint64_t>>();
        const auto stream = std::make_shared<tenon::mcp::SessionStream>(events, "k", "1", true, 1000, sent);
        class Slow : public RecordingSink
        {
        public:
            void onDisconnect(std::weak_ptr<tenon::mcp::DisconnectListener> to) override { listener = to; }
            std::weak_ptr<tenon::mcp::DisconnectListener> listener;
        };
        const auto old = std::make_shared<Slow>();
        stream->attach(old);
        stream->send("{}", {});
        const auto told = old->listener.lock();
        CPPUNIT_ASSERT(told);
        const auto now = std::make_shared<RecordingSink>();
        stream->resume(1, now);
        told->disconnected();
        stream->send("{\"a\":1}", {});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), now->events().size());
        stream->finish({});
        CPPUNIT_ASSERT(now->finished());
    }

    void onlyTheOwnSessionMayResume()
    {
        const auto sink = call();
        progress(1);
        LegacyClient other(server);
        CPPUNIT_ASSERT(other.get("1_0")->error() == ErrorKind::INVALID_REQUEST);
        CPPUNIT_ASSERT(!sink->ended());
    }

    void onlyTheOwnStreamIsReplayed()
    {
        const auto first = call("1");
        progress(1);
        const auto heldFirst = held.get();
        const auto second = call("2");
        progress(2);
        const auto again = client.get("1_0");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size());
        CPPUNIT_ASSERT_EQUAL(std::string("1"), at(again->events()[0].text, "/params/progress"));
    }

    void whatIsGoneCannotBeResumed()
    {
        const auto sink = call();
        progress(1);
        for (const char* bad :
             {"1", "1_", "_1", "1_x", "1_-1", "1_99", "9_0", "x_0", "1_18446744073709551615", "1_99999999999999999999"})
            CPPUNIT_ASSERT_MESSAGE(bad, client.get(bad)->error() == ErrorKind::INVALID_REQUEST);
        CPPUNIT_ASSERT(!sink->ended());
        client.end();
        CPPUNIT_ASSERT(client.get("1_0")->error() == ErrorKind::SESSION_NOT_FOUND);
    }

    void aStreamReadToTheEndIsOver()
    {
        const auto sink = call();
        progress(1);
        finish();
        const auto again = client.get(sink->finalEventId());
        CPPUNIT_ASSERT(again->finished());
        CPPUNIT_ASSERT(!again->opened());
        CPPUNIT_ASSERT(again->answer().empty());
    }

    void aReleasedStreamWaitsForItsClient()
    {
        const auto sink = call();
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), held->releaseStream(50));
        CPPUNIT_ASSERT(sink->ended() && !sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("1_0"), sink->primingId());
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(50), sink->retryMs());
        progress(1);
        const auto again = client.get("1_0");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), again->events().size());
        finish();
        CPPUNIT_ASSERT(again->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("[]"), at(again->answer(), "/result/content"));
    }

    /// Also where the stream was open before, with another time.
    void aReleasedStreamSaysWhenToComeBack()
    {
        const auto sink = call();
        progress(1);
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(1000), sink->retryMs());
        held->releaseStream(50);
        CPPUNIT_ASSERT(sink->ended());
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(50), sink->retryMs());
    }

    void olderRevisionsAreNotReleased()
    {
        LegacyClient older(server, "2025-06-18");
        const auto sink = older.request("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), held->releaseStream(50));
        CPPUNIT_ASSERT(!sink->ended());
        const auto modern = server.modern("tools/call", R"("name":"t")");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), held->releaseStream(50));
        CPPUNIT_ASSERT(!modern->ended());
    }

    void theSessionsStreamIsResumedToo()
    {
        const auto stream = client.get();
        const auto place = stream->primingId();
        CPPUNIT_ASSERT(!place.empty());
        stream->disconnect();
        server.publish(true);
        CPPUNIT_ASSERT(TestServer::eventually([&] { return server.events.bytes() > 0; }));
        const auto again = client.get(place);
        CPPUNIT_ASSERT_EQUAL(std::string("\"notifications/tools/list_changed\""),
                             at(again->events().at(0).text, "/method"));
        server.publish(true);
        CPPUNIT_ASSERT(again->waitForEvents(2));
    }

    void answersRaceWithResumption()
    {
        for (int round = 0; round < 200; ++round)
        {
            const auto sink = call();
            progress(1);
            const auto from = sink->primingId();
            std::thread finisher([&] { finish(); });
            sink->disconnect();
            auto again = client.get(from);
            finisher.join();
            // What was told to a connection that was about to break is asked for again.
            CPPUNIT_ASSERT(again->waitForEnd());
            const auto events = again->events();
            const bool replayed = !events.empty() && !at(events.back().text, "/result").empty();
            CPPUNIT_ASSERT(replayed || again->finished());
        }
    }

    void aDroppedStreamLeavesNothing()
    {
        const auto sink = call();
        progress(1);
        CPPUNIT_ASSERT(server.events.bytes() > 0);
        finish();
        client.end();
        held.drop();
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), server.events.bytes());
    }

private:
    RecordingSinkPtr call(const std::string& id = "1")
    {
        return client.request("tools/call", R"("name":"t","_meta":{"progressToken":1})", id);
    }
    void progress(double done) { CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), held->progress(done, 0, "")); }
    void finish() { held->finish(R"({"content":[]})", nullptr); }

    HeldCall held;
    TestServer server;
    LegacyClient client{server};
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResumptionTest);

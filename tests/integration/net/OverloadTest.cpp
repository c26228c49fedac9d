#include "FrontFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <vector>

using namespace tenon;
using namespace tenon::tests;

class OverloadTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(OverloadTest);
    CPPUNIT_TEST(aBlockingCallHoldsNobodyElse);
    CPPUNIT_TEST(threadsLeaveWhenCallsEnd);
    CPPUNIT_TEST(servesWhatCannotBlockWhenAllThreadsAreBusy);
    CPPUNIT_TEST(requestsWaitForAThread);
    CPPUNIT_TEST(whatIsLikelyToBeLargeWaitsForTheLane);
    CPPUNIT_TEST(theQueueIsBounded);
    CPPUNIT_TEST(nobodyWaitsForEver);
    CPPUNIT_TEST(aPeerThatGoesDuringACallIsNoticed);
    CPPUNIT_TEST(aPeerThatGoesBeforeAnAnswerIsNoticed);
    CPPUNIT_TEST(aParkedRequestOfAPeerThatWentIsHarmless);
    CPPUNIT_TEST_SUITE_END();

    using Clients = std::vector<std::unique_ptr<RawConnection>>;

    static int blocked(FrontFixture& fixture)
    {
        const std::lock_guard lock(fixture.services.mutex);
        return fixture.services.blocked;
    }

    static Clients block(FrontFixture& fixture, int count)
    {
        Clients clients;
        for (int i = 0; i < count; ++i)
        {
            clients.push_back(std::make_unique<RawConnection>(fixture.port()));
            clients.back()->send(i % 2 == 0 ? post("block") : request("GET", "/slow"));
            CPPUNIT_ASSERT(eventually([&] { return blocked(fixture) == i + 1; }));
        }
        return clients;
    }

    static void unblock(FrontFixture& fixture, Clients& clients)
    {
        fixture.services.release();
        for (const auto& client : clients)
            CPPUNIT_ASSERT_EQUAL(200, client->receive().status);
    }

public:
    void aBlockingCallHoldsNobodyElse()
    {
        FrontFixture fixture(FrontFixture::Settings{{"http.threads", "1"}, {"http.maxThreads", "8"}});
        RawConnection other(fixture.port());
        Clients clients = block(fixture, 4);
        for (int i = 0; i < 50; ++i)
        {
            other.send(post("fixed"));
            CPPUNIT_ASSERT(isFixed(other.receive()));
        }
        CPPUNIT_ASSERT(fixture.front->threads() <= 6);
        unblock(fixture, clients);
    }

    void threadsLeaveWhenCallsEnd()
    {
        FrontFixture fixture(FrontFixture::Settings{{"http.threads", "1"}, {"http.maxThreads", "8"}});
        Clients clients = block(fixture, 6);
        CPPUNIT_ASSERT(fixture.front->threads() >= 6);
        unblock(fixture, clients);
        CPPUNIT_ASSERT(eventually([&] { return fixture.front->threads() == 1; }));
        CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", "/health").status);
    }

    void servesWhatCannotBlockWhenAllThreadsAreBusy()
    {
        FrontFixture fixture(FrontFixture::Settings{{"http.threads", "2"}, {"http.maxThreads", "2"}});
        Clients clients = block(fixture, 2);
        RawConnection open(fixture.port());
        for (int i = 0; i < 20; ++i)
        {
            CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", "/health").status);
            open.send(post("fixed"));
            CPPUNIT_ASSERT(isFixed(open.receive()));
        }
        unblock(fixture, clients);
    }

    void requestsWaitForAThread()
    {
        FrontFixture fixture(FrontFixture::Settings{{"http.threads", "1"}, {"http.maxThreads", "2"}});
        Clients clients = block(fixture, 2);
        Clients waiting;
        for (int i = 0; i < 10; ++i)
        {
            waiting.push_back(std::make_unique<RawConnection>(fixture.port()));
            // Whole, in two parts, chunked, and followed by a pipelined one: each has to survive the wait.
            const std::string text =
                i % 2 == 0 ? post("block echo")
                           : request("POST", "/slow", {{"Transfer-Encoding", "chunked"}}, "3\r\nabc\r\n0\r\n\r\n");
            waiting.back()->send(text.substr(0, text.size() - 3));
            CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", "/health").status);
            waiting.back()->send(text.substr(text.size() - 3) + post("fixed"));
        }
        CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", "/health").status);
        CPPUNIT_ASSERT_EQUAL(2, blocked(fixture));
        unblock(fixture, clients);
        for (const auto& client : waiting)
        {
            CPPUNIT_ASSERT_EQUAL(200, client->receive().status);
            CPPUNIT_ASSERT(isFixed(client->receive()));
        }
    }

    /// It is handed back, and comes again where large messages are served; what was pipelined waits behind it.
    void whatIsLikelyToBeLargeWaitsForTheLane()
    {
        FrontFixture fixture(FrontFixture::Settings{{"http.threads", "2"}, {"http.maxThreads", "4"}});
        Clients clients;
        for (int i = 0; i < 10; ++i)
        {
            clients.push_back(std::make_unique<RawConnection>(fixture.port()));
            clients.back()->send(post("likely to be large") + post("likely to be large") + post("fixed"));
        }
        for (const auto& client : clients)
        {
            for (int i = 0; i < 2; ++i)
            {
                const HttpReply reply = client->receive();
                CPPUNIT_ASSERT_EQUAL(200, reply.status);
                CPPUNIT_ASSERT(reply.body.size() > 300000);
            }
            CPPUNIT_ASSERT(isFixed(client->receive()));
        }
    }

    void theQueueIsBounded()
    {
        FrontFixture fixture(
            FrontFixture::Settings{{"http.threads", "1"}, {"http.maxThreads", "1"}, {"http.queue", "1"}});
        Clients clients = block(fixture, 1);
        RawConnection first(fixture.port()), second(fixture.port());
        first.send(post("block"));
        auto& queued = fixture.metrics.gauge("tenon_http_queue_length", "");
        CPPUNIT_ASSERT(eventually([&] { return queued.value() == 1; }));
        second.send(post("block"));
        const HttpReply reply = second.receive();
        CPPUNIT_ASSERT_EQUAL(503, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), reply.header("retry-after"));
        second.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(second.receive()));
        unblock(fixture, clients);
        CPPUNIT_ASSERT_EQUAL(200, first.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), queued.value());
    }

    void nobodyWaitsForEver()
    {
        FrontFixture fixture(
            FrontFixture::Settings{{"http.threads", "1"}, {"http.maxThreads", "1"}, {"http.queueMs", "50"}});
        Clients clients = block(fixture, 1);
        RawConnection client(fixture.port());
        client.send(post("block"));
        CPPUNIT_ASSERT_EQUAL(503, client.receive().status);
        CPPUNIT_ASSERT(client.closedByServer());
        unblock(fixture, clients);
    }

    void aPeerThatGoesDuringACallIsNoticed()
    {
        FrontFixture fixture(FrontFixture::Settings{{"http.threads", "1"}, {"http.maxThreads", "2"}});
        Clients clients = block(fixture, 1);
        clients.clear();
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.disconnects == 1;
            }));
        Clients more;
        {
            // The same with all threads in calls.
            more.push_back(std::make_unique<RawConnection>(fixture.port()));
            more.back()->send(post("block"));
            CPPUNIT_ASSERT(eventually([&] { return blocked(fixture) == 2; }));
            more.clear();
        }
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.disconnects == 2;
            }));
    }

    void aPeerThatGoesBeforeAnAnswerIsNoticed()
    {
        FrontFixture fixture;
        for (int i = 1; i <= 3; ++i)
        {
            RawConnection client(fixture.port());
            client.send(post("never"));
            CPPUNIT_ASSERT(eventually(
                [&]
                {
                    const std::lock_guard lock(fixture.services.mutex);
                    return fixture.services.kept.size() == static_cast<std::size_t>(i);
                }));
            if (i == 2)
                client.reset();
            else if (i == 3)
                client.send(post("fixed")); // bytes that wait must not hide the end
        }
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.disconnects == 3;
            }));
        CPPUNIT_ASSERT(eventually([&] { return fixture.front->connections() == 0; }));
        const std::lock_guard lock(fixture.services.mutex);
        for (const auto& sink : fixture.services.kept)
        {
            CPPUNIT_ASSERT(sink->closed());
            CPPUNIT_ASSERT(!sink->send("{}", ""));
            sink->finish({});
        }
    }

    void aParkedRequestOfAPeerThatWentIsHarmless()
    {
        FrontFixture fixture(FrontFixture::Settings{{"http.threads", "1"}, {"http.maxThreads", "1"}});
        Clients clients = block(fixture, 1);
        {
            RawConnection client(fixture.port());
            client.send(post("block"));
            auto& queued = fixture.metrics.gauge("tenon_http_queue_length", "");
            CPPUNIT_ASSERT(eventually([&] { return queued.value() == 1; }));
        }
        CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", "/health").status);
        unblock(fixture, clients);
        CPPUNIT_ASSERT(eventually([&] { return fixture.front->connections() <= 1; }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OverloadTest);

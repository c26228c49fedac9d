#include "FrontFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace tenon;
using namespace tenon::tests;

class StreamTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(StreamTest);
    CPPUNIT_TEST(opensWithAPrimingEvent);
    CPPUNIT_TEST(sendsInOrderFromSeveralThreads);
    CPPUNIT_TEST(aShortCallsEventsLeaveInOnePiece);
    CPPUNIT_TEST(aCallThatGoesOnShowsItsProgress);
    CPPUNIT_TEST(whatACallSentIsThereWhenItsFunctionHasReturned);
    CPPUNIT_TEST(goesOnAsAConnectionAfterTheStream);
    CPPUNIT_TEST(endsWithRetry);
    CPPUNIT_TEST(pingsOnlySilentStreams);
    CPPUNIT_TEST(closesSlowReaders);
    CPPUNIT_TEST(largeMessagesReachSlowReadersWithinTheQueue);
    CPPUNIT_TEST(broadcastsReachAll);
    CPPUNIT_TEST(boundsStreams);
    CPPUNIT_TEST(noticesPeersThatGo);
    CPPUNIT_TEST_SUITE_END();

    const std::map<std::string, std::string> STREAMS{{"Accept", "application/json, text/event-stream"}};
    using Clients = std::vector<std::unique_ptr<RawConnection>>;

    static mcp::ResponseSinkPtr open(FrontFixture& fixture, RawConnection& client)
    {
        std::size_t before;
        {
            const std::lock_guard lock(fixture.services.mutex);
            before = fixture.services.kept.size();
        }
        client.send(getStream("/mcp", {{"Mcp-Session-Id", "session-1"}}));
        CPPUNIT_ASSERT_EQUAL(200, client.receiveHead().status);
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.kept.size() == before + 1;
            }));
        const std::lock_guard lock(fixture.services.mutex);
        return fixture.services.kept.back();
    }

public:
    void opensWithAPrimingEvent()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(getStream("/mcp", {{"Mcp-Session-Id", "session-1"}}));
        const HttpReply head = client.receiveHead();
        CPPUNIT_ASSERT_EQUAL(std::string("text/event-stream"), head.header("content-type"));
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.kept.size() == 1;
            }));
        fixture.services.kept[0]->finish({});
        HttpReply all;
        all.status = 200;
        client.receiveBody(all);
        CPPUNIT_ASSERT_EQUAL(std::string("event: message\nid: first_0\nretry: 500\ndata: \n\n"), all.body);
        client.send(getStream("/mcp"));
        CPPUNIT_ASSERT_EQUAL(400, client.receive().status);
    }

    void sendsInOrderFromSeveralThreads()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        const auto sink = open(fixture, client);
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 3; ++thread)
            threads.emplace_back(
                [&sink, thread]
                {
                    for (int i = 0; i < 500; ++i)
                    {
                        const std::string text = std::to_string(thread) + " " + std::to_string(i);
                        if (i % 2 == 0)
                            sink->send(text, "");
                        else
                            sink->send(std::make_shared<const std::string>(text), "");
                    }
                });
        int next[3] = {0, 0, 0};
        for (int i = 0; i < 1500; ++i)
        {
            const std::string event = client.receiveEvent();
            const int thread = event[0] - '0';
            CPPUNIT_ASSERT_EQUAL(std::to_string(thread) + " " + std::to_string(next[thread]++), event);
        }
        for (auto& thread : threads)
            thread.join();
    }

    void aShortCallsEventsLeaveInOnePiece()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        int whole = 0;
        constexpr int CALLS = 60;
        for (int call = 0; call < CALLS; ++call)
        {
            client.send(post("hurries", STREAMS));
            std::string got = client.receiveSome();
            const bool complete = got.ends_with("0\r\n\r\n");
            whole += complete ? 1 : 0;
            while (!got.ends_with("0\r\n\r\n"))
                got += client.receiveSome();
            CPPUNIT_ASSERT(got.find("id: s_0\n") < got.find("id: s_1\n"));
            CPPUNIT_ASSERT(got.find("id: s_1\n") < got.find("\"done\""));
        }
        CPPUNIT_ASSERT(whole > CALLS / 3); // one whose thread got no processor is shown as far as it is
    }

    void aCallThatGoesOnShowsItsProgress()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("works", STREAMS));
        CPPUNIT_ASSERT_EQUAL(200, client.receiveHead().status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"progress":1})"), client.receiveEvent());
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.blocked == 1;
            }));
        fixture.services.release();
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"result":"unblocked"})"), client.receiveEvent());
    }

    void whatACallSentIsThereWhenItsFunctionHasReturned()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("leaves", STREAMS));
        CPPUNIT_ASSERT_EQUAL(200, client.receiveHead().status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"progress":1})"), client.receiveEvent());
        fixture.services.kept.front()->finish({});
        CPPUNIT_ASSERT_EQUAL(std::string(), client.receiveEvent());
    }

    void goesOnAsAConnectionAfterTheStream()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        const auto sink = open(fixture, client);
        sink->finish({});
        HttpReply rest;
        rest.status = 200;
        client.receiveBody(rest);
        client.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(client.receive()));
        CPPUNIT_ASSERT(sink->closed());
        CPPUNIT_ASSERT(!sink->send("late", ""));
    }

    void endsWithRetry()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        const auto sink = open(fixture, client);
        sink->close(1234);
        HttpReply rest;
        rest.status = 200;
        client.receiveBody(rest);
        CPPUNIT_ASSERT(rest.body.ends_with("retry: 1234\n\n"));
    }

    void pingsOnlySilentStreams()
    {
        FrontFixture fixture(FrontFixture::Settings{{"timeouts.heartbeatMs", "100"}});
        RawConnection client(fixture.port());
        const auto sink = open(fixture, client);
        std::this_thread::sleep_for(std::chrono::milliseconds(450));
        sink->finish({});
        HttpReply rest;
        rest.status = 200;
        client.receiveBody(rest);
        CPPUNIT_ASSERT(rest.body.find(": ping\n\n") != std::string::npos);
    }

    void closesSlowReaders()
    {
        FrontFixture fixture(FrontFixture::Settings{{"limits.streamQueueBytes", "200000"}});
        RawConnection client(fixture.port());
        const auto sink = open(fixture, client);
        const std::string text(50000, 'x');
        bool sent = true;
        int count = 0;
        for (; count < 1000 && sent; ++count)
            sent = sink->send(text, "");
        CPPUNIT_ASSERT(!sent);
        CPPUNIT_ASSERT(count > 4); // what fits into the queue and the socket
        CPPUNIT_ASSERT(sink->closed());
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.disconnects == 1;
            }));
        CPPUNIT_ASSERT(eventually([&] { return fixture.front->connections() == 0; }));
    }

    void largeMessagesReachSlowReadersWithinTheQueue()
    {
        FrontFixture fixture(FrontFixture::Settings{{"limits.streamQueueBytes", "20000000"}});
        RawConnection client(fixture.port());
        const auto sink = open(fixture, client);
        const auto text = std::make_shared<const std::string>(1000000, 'y');
        for (int i = 0; i < 8; ++i)
            CPPUNIT_ASSERT(i % 2 == 0 ? sink->send(*text, "") : sink->send(text, ""));
        for (int i = 0; i < 8; ++i)
            CPPUNIT_ASSERT(client.receiveEvent() == *text);
    }

    void broadcastsReachAll()
    {
        FrontFixture fixture;
        Clients clients;
        std::vector<mcp::ResponseSinkPtr> sinks;
        for (int i = 0; i < 200; ++i)
        {
            clients.push_back(std::make_unique<RawConnection>(fixture.port()));
            sinks.push_back(open(fixture, *clients.back()));
        }
        for (int round = 0; round < 3; ++round)
        {
            const auto text = std::make_shared<const std::string>("round " + std::to_string(round));
            for (const auto& sink : sinks)
                CPPUNIT_ASSERT(sink->send(text, ""));
        }
        for (const auto& client : clients)
            for (int round = 0; round < 3; ++round)
                CPPUNIT_ASSERT_EQUAL("round " + std::to_string(round), client->receiveEvent());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(200), fixture.metrics.gauge("sse_connections_active", "").value());
        CPPUNIT_ASSERT(fixture.front->threads() <= 8);
    }

    void boundsStreams()
    {
        FrontFixture fixture(FrontFixture::Settings{{"limits.maxStreams", "2"}});
        RawConnection first(fixture.port()), second(fixture.port()), third(fixture.port());
        open(fixture, first);
        open(fixture, second);
        third.send(getStream("/mcp", {{"Mcp-Session-Id", "session-1"}}));
        CPPUNIT_ASSERT_EQUAL(503, third.receive().status);
        third.send(getStream("/sse"));
        CPPUNIT_ASSERT_EQUAL(503, third.receive().status);
        third.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(third.receive()));
    }

    void noticesPeersThatGo()
    {
        FrontFixture fixture;
        {
            RawConnection client(fixture.port());
            open(fixture, client);
        }
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.disconnects == 1;
            }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(0), fixture.metrics.gauge("sse_connections_active", "").value());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StreamTest);

#include "FrontFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace tenon;
using namespace tenon::tests;

/// What a peer can make the front hold, and what fails inside it.
class BoundsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BoundsTest);
    CPPUNIT_TEST(whoReadsNothingIsNotReadFrom);
    CPPUNIT_TEST(routesWithoutBodyReadNone);
    CPPUNIT_TEST(bodiesCountAgainstTheBudget);
    CPPUNIT_TEST(whoDoesNotReadMakesRoomForOthers);
    CPPUNIT_TEST(refusesWorkWhenMemoryIsUsedUp);
    CPPUNIT_TEST(whoGaveUpWhileWaitingLeavesNothingBehind);
    CPPUNIT_TEST(aListenerThatThrowsHarmsNobody);
    CPPUNIT_TEST(tellsOfStreams);
    CPPUNIT_TEST(aStreamEndsWithItsLogin);
    CPPUNIT_TEST(drainsAnswersThatAreBeingSent);
    CPPUNIT_TEST(aSteadySlowReaderIsNotCutOff);
    CPPUNIT_TEST(packsLargeAnswersAside);
    CPPUNIT_TEST(skipsAByteOrderMark);
    CPPUNIT_TEST_SUITE_END();

    class Listener final : public net::AccessListener
    {
    public:
        void answered(const net::AccessEntry&) override
        {
            ++answers;
            if (throws)
                throw Poco::WriteFileException("no space left");
        }
        void opened(const net::StreamEntry& entry) override
        {
            const std::lock_guard lock(mutex);
            streams.push_back("opened " + entry.target);
        }
        void closed(const net::StreamEntry& entry) override
        {
            const std::lock_guard lock(mutex);
            streams.push_back("closed " + std::string(entry.why) + " " + std::to_string(entry.events));
        }

        std::atomic<int> answers{0};
        std::atomic<bool> throws{false};
        std::mutex mutex;
        std::vector<std::string> streams;
    };

    /// Sends until the server takes no more; the number of bytes it took.
    static std::size_t sendUntilItStops(Poco::Net::StreamSocket& socket, const std::string& text, std::size_t most)
    {
        socket.setBlocking(false);
        std::size_t sent = 0;
        for (int idle = 0; sent < most && idle < 100;)
        {
            int done = 0;
            try
            {
                done = socket.sendBytes(text.data() + sent % text.size(),
                                        static_cast<int>(text.size() - sent % text.size()));
            }
            catch (const Poco::Net::NetException&)
            {
                break;
            }
            if (done > 0)
                sent += static_cast<std::size_t>(done);
            idle = done > 0 ? 0 : idle + 1;
            if (done <= 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        socket.setBlocking(true);
        return sent;
    }

public:
    void whoReadsNothingIsNotReadFrom()
    {
        FrontFixture fixture;
        Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", fixture.port()));
        // Answers are a thousand times as large as what asks for them.
        const std::string one = post("big");
        std::string many;
        for (int i = 0; i < 300; ++i)
            many += one;
        const std::size_t sent = sendUntilItStops(socket, many, many.size());
        std::uint64_t highest = 0;
        for (int i = 0; i < 100; ++i)
        {
            highest = std::max(highest, fixture.budget.used());
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        CPPUNIT_ASSERT(highest < 400'000); // an answer beyond the watermark, and the requests that wait
        // Nothing is lost: whoever begins to read gets an answer for each request.
        RawConnection other(fixture.port());
        other.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(other.receive()));
        const std::size_t whole = sent / one.size();
        std::string read;
        std::size_t answers = 0;
        char buffer[65536];
        socket.setReceiveTimeout(Poco::Timespan(20, 0));
        while (answers < whole)
        {
            const int got = socket.receiveBytes(buffer, sizeof buffer);
            CPPUNIT_ASSERT(got > 0);
            read.append(buffer, static_cast<std::size_t>(got));
            for (std::size_t at; (at = read.find("HTTP/1.1 200")) != std::string::npos; ++answers)
                read.erase(0, at + 12);
            if (read.size() > 16)
                read.erase(0, read.size() - 16);
        }
        socket.close();
        CPPUNIT_ASSERT(eventually([&] { return fixture.budget.used() == 0; }));
    }

    void routesWithoutBodyReadNone()
    {
        FrontFixture fixture;
        const std::string much(100'000, 'x');
        for (const std::string_view path : {"/health", "/sse", "/nowhere"})
        {
            RawConnection client(fixture.port());
            client.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n" + much);
            CPPUNIT_ASSERT_EQUAL(path == "/nowhere" ? 404 : 405, client.receive().status);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), fixture.budget.used());
        }
        RawConnection get(fixture.port());
        get.send("GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n" + much);
        const HttpReply reply = get.receive();
        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("close"), reply.header("connection"));
        // One that came with its head is skipped, and the connection goes on.
        RawConnection small(fixture.port());
        small.send("GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + request("GET", "/health"));
        CPPUNIT_ASSERT_EQUAL(200, small.receive().status);
        CPPUNIT_ASSERT_EQUAL(200, small.receive().status);
        // A route's own limit.
        RawConnection slow(fixture.port());
        slow.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n");
        CPPUNIT_ASSERT_EQUAL(413, slow.receive().status);
    }

    void bodiesCountAgainstTheBudget()
    {
        FrontFixture fixture;
        {
            RawConnection client(fixture.port());
            client.send(
                "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n" +
                std::string(500'000, ' '));
            CPPUNIT_ASSERT(eventually([&] { return fixture.budget.used() >= 500'000; }));
        }
        CPPUNIT_ASSERT(eventually([&] { return fixture.budget.used() == 0; }));
        // One that does not fit is refused while it comes.
        fixture.budget.setLimit(1'000'000);
        RawConnection client(fixture.port());
        client.send(
            "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n" +
            std::string(1'500'000, ' '));
        const HttpReply reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(503, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), reply.header("retry-after"));
        CPPUNIT_ASSERT(client.closedByServer());
        CPPUNIT_ASSERT(eventually([&] { return fixture.budget.used() == 0; }));
    }

    void whoDoesNotReadMakesRoomForOthers()
    {
        FrontFixture fixture;
        fixture.timers.stop(); // and with it the sweep, which cuts off whoever takes nothing for two seconds
        fixture.budget.setLimit(110'000'000);
        auto& stalled = fixture.metrics.counter("tenon_http_stalled_total", "");
        std::vector<std::unique_ptr<RawConnection>> peers;
        for (int i = 0; i < 4; ++i)
        {
            peers.push_back(std::make_unique<RawConnection>(fixture.port()));
            peers.back()->send(post("huge"));
            if (i < 3)
                CPPUNIT_ASSERT_EQUAL(200, peers.back()->receiveHead().status);
        }
        // The last one would have taken more than there is. The first has waited longest, and is all that has to go.
        HttpReply reply = peers.back()->receiveHead();
        CPPUNIT_ASSERT(eventually([&] { return stalled.value() == 1; }));
        CPPUNIT_ASSERT(fixture.budget.used() < 110'000'000 / 8 * 7);
        RawConnection other(fixture.port());
        other.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(other.receive()));
        peers.back()->receiveBody(reply);
        CPPUNIT_ASSERT_EQUAL(std::size_t(32'000'002), reply.body.size());
        peers.clear();
        CPPUNIT_ASSERT(eventually([&] { return fixture.budget.used() == 0; }));
    }

    void refusesWorkWhenMemoryIsUsedUp()
    {
        FrontFixture fixture;
        fixture.budget.setLimit(1000);
        RawConnection client(fixture.port());
        client.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(client.receive()));
        fixture.budget.take(1000);
        client.send(post("fixed"));
        const HttpReply reply = client.receive();
        CPPUNIT_ASSERT_EQUAL(503, reply.status);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), reply.header("retry-after"));
        // Who looks after the server sees why it refuses others.
        for (const char* path : {"/health", "/figures"})
            CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", path).status);
        CPPUNIT_ASSERT_EQUAL(503, exchange(fixture.port(), "GET", "/slow").status);
        fixture.budget.give(1000);
        client.send(post("fixed"));
        CPPUNIT_ASSERT(isFixed(client.receive()));
    }

    void whoGaveUpWhileWaitingLeavesNothingBehind()
    {
        FrontFixture fixture(FrontFixture::Settings{
            {"http.threads", "1"}, {"http.maxThreads", "1"}, {"http.queueMs", "3600000"}, {"http.queue", "100"}});
        RawConnection first(fixture.port());
        first.send(post("block"));
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(fixture.services.mutex);
                return fixture.services.blocked == 1;
            }));
        auto& queued = fixture.metrics.gauge("tenon_http_queue_length", "");
        std::vector<std::unique_ptr<RawConnection>> clients;
        for (int i = 0; i < 20; ++i)
        {
            clients.push_back(std::make_unique<RawConnection>(fixture.port()));
            clients.back()->send(post("block"));
        }
        CPPUNIT_ASSERT(eventually([&] { return queued.value() == 20; }));
        clients.clear();
        CPPUNIT_ASSERT(eventually([&] { return queued.value() == 0 && fixture.front->connections() == 1; }));
        fixture.services.release();
        CPPUNIT_ASSERT_EQUAL(200, first.receive().status);
    }

    void aListenerThatThrowsHarmsNobody()
    {
        FrontFixture fixture;
        Listener listener;
        listener.throws = true;
        fixture.front->setAccessListener(&listener);
        for (int i = 0; i < 3; ++i)
        {
            RawConnection client(fixture.port());
            for (const std::string_view word : {"fixed", "later", "progress"})
            {
                client.send(post(word, {{"Accept", "application/json, text/event-stream"}}));
                const HttpReply reply = client.receive();
                CPPUNIT_ASSERT_EQUAL(200, reply.status);
            }
        }
        CPPUNIT_ASSERT(eventually([&] { return listener.answers == 9; }));
        CPPUNIT_ASSERT(eventually([&] { return fixture.front->connections() == 0; }));
        fixture.front->stop();
    }

    void tellsOfStreams()
    {
        FrontFixture fixture(FrontFixture::Settings{{"limits.streamQueueBytes", "1024"}});
        Listener listener;
        fixture.front->setAccessListener(&listener);
        const auto told = [&](std::size_t count)
        {
            const std::lock_guard lock(listener.mutex);
            return listener.streams.size() == count;
        };
        {
            RawConnection stream(fixture.port());
            stream.send(getStream("/sse"));
            (void)stream.receiveHead();
            CPPUNIT_ASSERT(!stream.receiveEvent().empty());
            CPPUNIT_ASSERT(told(1));
        }
        CPPUNIT_ASSERT(eventually([&] { return told(2); }));
        RawConnection get(fixture.port());
        get.send(getStream("/mcp", {{"Mcp-Session-Id", "s"}}));
        (void)get.receiveHead();
        CPPUNIT_ASSERT(eventually([&] { return told(3); }));
        {
            const std::lock_guard lock(fixture.services.mutex);
            fixture.services.kept.back()->send("{}", {});
            fixture.services.kept.back()->close(0);
        }
        CPPUNIT_ASSERT(eventually([&] { return told(4); }));
        const std::vector<std::string> expected{"opened /sse", "closed client 1", "opened /mcp", "closed server 2"};
        CPPUNIT_ASSERT(expected == listener.streams);
        fixture.front->stop();
    }

    void aStreamEndsWithItsLogin()
    {
        class Brief final : public net::AdmissionControl
        {
        public:
            guard::Admission admit(const guard::RequestFacts& facts) override
            {
                auto principal = std::make_shared<base::Principal>();
                principal->id = principal->name = "brief";
                principal->expiresAt = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
                guard::Admission admission;
                admission.principal = std::move(principal);
                admission.clientAddress = facts.peerAddress;
                return admission;
            }
            guard::Reply preflight(const guard::RequestFacts&, std::string_view) override { return {204, {}, {}}; }
        };
        FrontFixture fixture({}, std::make_unique<Brief>());
        Listener listener;
        fixture.front->setAccessListener(&listener);
        RawConnection stream(fixture.port());
        stream.send(getStream("/sse"));
        (void)stream.receiveHead();
        CPPUNIT_ASSERT(stream.closedByServer());
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                const std::lock_guard lock(listener.mutex);
                return listener.streams.size() == 2 && listener.streams[1] == "closed expired 1";
            }));
        fixture.front->stop();
    }

    void drainsAnswersThatAreBeingSent()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("huge"));
        HttpReply reply = client.receiveHead();
        CPPUNIT_ASSERT_EQUAL(200, reply.status);
        fixture.front->drain();
        CPPUNIT_ASSERT(!fixture.front->awaitQuiet(std::chrono::milliseconds(20)));
        client.receiveBody(reply);
        CPPUNIT_ASSERT_EQUAL(std::size_t(32'000'002), reply.body.size());
        CPPUNIT_ASSERT(fixture.front->awaitQuiet(std::chrono::seconds(10)));
    }

    void aSteadySlowReaderIsNotCutOff()
    {
        FrontFixture fixture(FrontFixture::Settings{{"timeouts.sendMs", "500"}});
        Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", fixture.port()));
        const std::string text = post("huge");
        socket.sendBytes(text.data(), static_cast<int>(text.size()));
        socket.setReceiveTimeout(Poco::Timespan(5, 0));
        // Far slower than the buffers between, in which room for more comes only now and then.
        std::vector<char> buffer(8192);
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2500);
        while (std::chrono::steady_clock::now() < until)
        {
            CPPUNIT_ASSERT(socket.receiveBytes(buffer.data(), static_cast<int>(buffer.size())) > 0);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), fixture.front->connections());
        // Who takes nothing at all is.
        CPPUNIT_ASSERT(eventually([&] { return fixture.front->connections() == 0; }));
    }

    void packsLargeAnswersAside()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        for (int i = 0; i < 3; ++i)
        {
            client.send(post("big", {{"Accept-Encoding", "gzip"}}));
            const HttpReply reply = client.receive();
            CPPUNIT_ASSERT_EQUAL(200, reply.status);
            CPPUNIT_ASSERT_EQUAL(std::string("gzip"), reply.header("content-encoding"));
            CPPUNIT_ASSERT(reply.body.size() < 10'000);
            client.send(post("fixed", {{"Accept-Encoding", "gzip"}}));
            CPPUNIT_ASSERT(isFixed(client.receive()));
        }
        CPPUNIT_ASSERT(eventually([&] { return fixture.budget.used() == 0; }));
    }

    void skipsAByteOrderMark()
    {
        FrontFixture fixture;
        RawConnection client(fixture.port());
        client.send(post("\xEF\xBB\xBF"
                         "echo"));
        CPPUNIT_ASSERT_EQUAL(std::string("echo"), client.receive().body);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BoundsTest);

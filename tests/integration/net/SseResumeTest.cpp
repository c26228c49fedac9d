// Streams of HTTP+SSE that a client comes back to, polls, or has packed.
#include "FrontFixture.h"

#include "base/json/JsonDocument.h"

#include <cppunit/extensions/HelperMacros.h>

#include <zlib.h>

#include <chrono>
#include <string>

using namespace tenon;
using namespace tenon::tests;

class SseResumeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SseResumeTest);
    CPPUNIT_TEST(aClientThatComesBackGetsWhatItMissed);
    CPPUNIT_TEST(whoStaysAwayIsForgotten);
    CPPUNIT_TEST(aPlaceThatIsNotKeptBeginsAnew);
    CPPUNIT_TEST(pollingDoesWithoutAStream);
    CPPUNIT_TEST(aPollWaitsForAnEvent);
    CPPUNIT_TEST(eventsLeaveTogether);
    CPPUNIT_TEST(packsEventsForWhoTakesThem);
    CPPUNIT_TEST(anErrorIsToldTwice);
    CPPUNIT_TEST_SUITE_END();

    using Settings = FrontFixture::Settings;

    static std::string member(const std::string& json, std::string_view name)
    {
        return std::string(base::textMember(base::JsonDocument::parse(json)->root(), name));
    }

    static std::string send(const std::string& id, const std::string& method)
    {
        return request("POST", "/mcp/sse/send", {{"Content-Type", "application/json"}},
                       R"({"connectionId":")" + id + R"(","message":{"method":")" + method + "\"}}");
    }

    static int status(const FrontFixture& fixture, const std::string& text)
    {
        RawConnection poster(fixture.port());
        poster.send(text);
        return poster.receive().status;
    }

    static std::string poll(const FrontFixture& fixture, const std::string& query)
    {
        RawConnection client(fixture.port());
        client.send(request("GET", "/mcp/sse/poll" + query));
        const HttpReply reply = client.receive();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
        return reply.body;
    }

public:
    void aClientThatComesBackGetsWhatItMissed()
    {
        FrontFixture fixture(Settings{{"sse.profiles", "backlog"}});
        std::string id;
        {
            RawConnection stream(fixture.port());
            stream.send(getStream("/mcp/sse"));
            (void)stream.receiveHead();
            id = member(stream.receiveEvent(), "connectionId");
            (void)stream.receiveEvent(); // the state of the connection: the second event
        }
        // What is sent while it is away is kept; the session lives on.
        CPPUNIT_ASSERT_EQUAL(200, status(fixture, send(id, "echo one")));
        CPPUNIT_ASSERT_EQUAL(200, status(fixture, send(id, "echo two")));
        RawConnection again(fixture.port());
        again.send(getStream("/mcp/sse", {{"Last-Event-ID", id + "_3"}}));
        (void)again.receiveHead();
        CPPUNIT_ASSERT(again.receiveEvent().find("echo two") != std::string::npos);
        const std::string state = again.receiveEvent();
        CPPUNIT_ASSERT_EQUAL(std::string("reconnected"), member(state, "status"));
        CPPUNIT_ASSERT_EQUAL(id, member(state, "connectionId"));
        CPPUNIT_ASSERT_EQUAL(200, status(fixture, send(id, "echo three")));
        CPPUNIT_ASSERT(again.receiveEvent().find("echo three") != std::string::npos);
    }

    void whoStaysAwayIsForgotten()
    {
        FrontFixture fixture(Settings{{"sse.profiles", "backlog"}, {"sse.resumeMs", "50"}});
        std::string id;
        {
            RawConnection stream(fixture.port());
            stream.send(getStream("/mcp/sse"));
            (void)stream.receiveHead();
            id = member(stream.receiveEvent(), "connectionId");
        }
        CPPUNIT_ASSERT(eventually([&] { return status(fixture, send(id, "echo")) == 404; }));
        const std::lock_guard lock(fixture.services.mutex);
        CPPUNIT_ASSERT(fixture.services.sessions.empty());
    }

    void aPlaceThatIsNotKeptBeginsAnew()
    {
        FrontFixture fixture(Settings{{"sse.profiles", "backlog"}});
        for (const char* place : {"c7_1", "c1_99", "nonsense", "_", "c1_18446744073709551616"})
        {
            RawConnection stream(fixture.port());
            stream.send(getStream("/mcp/sse", {{"Last-Event-ID", place}}));
            CPPUNIT_ASSERT_EQUAL(200, stream.receiveHead().status);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(place, std::string("mcp-notification"), member(stream.receiveEvent(), "type"));
        }
    }

    void pollingDoesWithoutAStream()
    {
        FrontFixture fixture(Settings{{"sse.profiles", "backlog"}});
        const std::string first = poll(fixture, "");
        const std::string id = member(first, "connectionId");
        CPPUNIT_ASSERT_MESSAGE(first, first.find(R"("event":"mcp-notification")") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(200, status(fixture, send(id, "echo one")));
        const std::string second = poll(fixture, "?connectionId=" + id + "&after=" + id + "_2");
        CPPUNIT_ASSERT_MESSAGE(second, second.find(R"("id":")" + id + R"(_3","event":"mcp-response","data":{)") !=
                                           std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(second, second.find("mcp-notification") == std::string::npos);
        const std::string none = poll(fixture, "?connectionId=" + id + "&after=" + id + "_3");
        CPPUNIT_ASSERT_MESSAGE(none, none.find(R"("events":[])") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(404, status(fixture, request("GET", "/mcp/sse/poll?connectionId=other")));
        CPPUNIT_ASSERT_EQUAL(400, status(fixture, request("GET", "/mcp/sse/poll?after=x&connectionId=" + id)));
    }

    void aPollWaitsForAnEvent()
    {
        FrontFixture fixture(Settings{{"sse.profiles", "backlog"}});
        const std::string id = member(poll(fixture, ""), "connectionId");
        RawConnection waiting(fixture.port());
        waiting.send(request("GET", "/mcp/sse/poll?wait=30&after=2&connectionId=" + id));
        CPPUNIT_ASSERT_EQUAL(200, status(fixture, send(id, "echo late")));
        CPPUNIT_ASSERT(waiting.receive().body.find("echo late") != std::string::npos);
        // One that gets none ends when its patience does.
        const auto began = std::chrono::steady_clock::now();
        const std::string none = poll(fixture, "?wait=1&after=3&connectionId=" + id);
        CPPUNIT_ASSERT_MESSAGE(none, none.find(R"("events":[])") != std::string::npos);
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(900));
    }

    void eventsLeaveTogether()
    {
        FrontFixture fixture(Settings{{"sse.profiles", "path-session"}, {"sse.batchMs", "3000"}});
        RawConnection stream(fixture.port());
        stream.send(getStream("/sse/mine"));
        (void)stream.receiveHead();
        for (const char* text : {"echo one", "echo two", "echo three"})
            CPPUNIT_ASSERT_EQUAL(
                202, status(fixture, request("POST", "/message/mine", {{"Content-Type", "application/json"}}, text)));
        CPPUNIT_ASSERT_EQUAL(std::string("echo one"), stream.receiveEvent());
        CPPUNIT_ASSERT_EQUAL(std::string("echo two"), stream.receiveEvent());
        CPPUNIT_ASSERT_EQUAL(std::string("echo three"), stream.receiveEvent());
        CPPUNIT_ASSERT_MESSAGE("each left by itself", stream.chunks() < 3);
    }

    void packsEventsForWhoTakesThem()
    {
        FrontFixture fixture(Settings{{"http.gzipMinBytes", "1000"}});
        RawConnection stream(fixture.port());
        stream.send(getStream("/sse", {{"Accept-Encoding", "gzip"}}));
        const HttpReply head = stream.receiveHead();
        CPPUNIT_ASSERT_EQUAL(std::string("gzip"), head.header("content-encoding"));
        z_stream packed{};
        CPPUNIT_ASSERT_EQUAL(Z_OK, inflateInit2(&packed, 31));
        std::string text;
        std::size_t received = 0;
        const auto until = [&](const std::string& what)
        {
            while (text.find(what) == std::string::npos)
            {
                const std::string bytes = stream.receiveChunk();
                received += bytes.size();
                char out[1 << 18];
                packed.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
                packed.avail_in = static_cast<uInt>(bytes.size());
                packed.next_out = reinterpret_cast<Bytef*>(out);
                packed.avail_out = sizeof out;
                CPPUNIT_ASSERT_EQUAL(Z_OK, inflate(&packed, Z_SYNC_FLUSH));
                text.append(out, sizeof out - packed.avail_out);
            }
        };
        until("\n\n"); // the first one comes at once, small as it is
        const std::size_t at = text.find("/messages");
        const std::string endpoint = text.substr(at, text.find('\n', at) - at);
        CPPUNIT_ASSERT_EQUAL(202,
                             status(fixture, request("POST", endpoint, {{"Content-Type", "application/json"}}, "big")));
        until("xx\"}\n\n");
        CPPUNIT_ASSERT(text.size() > 100000 && received < 5000);
        inflateEnd(&packed);
    }

    void anErrorIsToldTwice()
    {
        FrontFixture fixture(Settings{{"sse.profiles", "rails"}});
        RawConnection stream(fixture.port());
        stream.send(getStream("/mcp/sse"));
        (void)stream.receiveHead();
        const std::string id = member(stream.receiveEvent(), "connection_id");
        CPPUNIT_ASSERT_EQUAL(200,
                             status(fixture, request("POST", "/mcp/sse/message", {{"Content-Type", "application/json"}},
                                                     R"({"method":"failing","connection_id":")" + id + "\"}")));
        const std::string error = R"({"error":"failed"})";
        CPPUNIT_ASSERT_EQUAL(error, stream.receiveEvent()); // mcp_response, which answers
        CPPUNIT_ASSERT_EQUAL(error, stream.receiveEvent()); // error, which tells
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SseResumeTest);

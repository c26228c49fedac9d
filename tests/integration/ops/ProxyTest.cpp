// Behind a real nginx that buffers what it is not told not to, events still arrive at once.
#include "Program.h"
#include "support/FreePort.h"
#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Exception.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

using namespace tenon::tests;

class ProxyTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProxyTest);
    CPPUNIT_TEST(eventsArriveAtOnceThroughABufferingProxy);
    CPPUNIT_TEST(eventsArriveAtOnceInChunksToo);
    CPPUNIT_TEST_SUITE_END();

    using Clock = std::chrono::steady_clock;
    static constexpr int EVENTS = 20;

    /// Reads a stream on a thread of its own and notes when each event came.
    class Reader
    {
    public:
        Reader(std::uint16_t port, const std::string& ask) : _client(port)
        {
            _client.send(ask);
            const HttpReply head = _client.receiveHead();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(head.body, 200, head.status);
            CPPUNIT_ASSERT_EQUAL(std::string("text/event-stream"), head.header("content-type"));
            _thread = std::thread([this] { read(); });
        }
        ~Reader()
        {
            _stop = true;
            _thread.join();
        }

        /// When the event that holds `text` came. Errors: fails the running test if it does not.
        Clock::time_point arrival(const std::string& text)
        {
            std::unique_lock lock(_mutex);
            const auto found = [&]
            {
                return std::find_if(_events.begin(), _events.end(),
                                    [&](const auto& event) { return event.first.find(text) != std::string::npos; });
            };
            CPPUNIT_ASSERT_MESSAGE(
                text + " did not come while nothing else was sent",
                _news.wait_for(lock, std::chrono::seconds(20), [&] { return found() != _events.end(); }));
            return found()->second;
        }

    private:
        void read()
        {
            _client.setTimeout(std::chrono::milliseconds(200));
            while (!_stop)
            {
                try
                {
                    const std::string event = _client.receiveEvent();
                    const auto now = Clock::now();
                    if (event.empty())
                        return;
                    const std::lock_guard lock(_mutex);
                    _events.emplace_back(event, now);
                    _news.notify_all();
                }
                catch (const Poco::TimeoutException&)
                {
                    // Looks whether it is to stop.
                }
            }
        }

        RawConnection _client;
        std::atomic<bool> _stop{false};
        std::thread _thread;
        std::mutex _mutex; // guards what follows
        std::condition_variable _news;
        std::vector<std::pair<std::string, Clock::time_point>> _events;
    };

    static std::string openSession(std::uint16_t port)
    {
        return exchange(
                   port, "POST", "/mcp", {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
                   legacyBody(
                       "1", "initialize",
                       R"("protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"})"))
            .header("mcp-session-id");
    }

    /// nginx as Debian brings it, with all its buffering, in front of `backend`.
    static std::string configuration(const TemporaryFolder& folder, std::uint16_t port, std::uint16_t backend,
                                     const std::string& more)
    {
        std::ostringstream text;
        text << "daemon off;\nworker_processes 1;\npid " << folder.path("pid") << ";\nerror_log stderr;\n"
             << "events {}\nhttp {\n  access_log off;\n";
        for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            text << "  " << kind << "_temp_path " << folder.path(kind) << ";\n";
        text << "  gzip on;\n  gzip_types *;\n  server {\n    listen 127.0.0.1:" << port << ";\n    location / {\n"
             << "      proxy_pass http://127.0.0.1:" << backend << ";\n"
             << more << "      proxy_set_header Host $host;\n"
             << "      proxy_buffering on;\n      proxy_buffer_size 64k;\n      proxy_buffers 16 64k;\n"
             << "      proxy_busy_buffers_size 128k;\n      proxy_request_buffering on;\n    }\n  }\n}\n";
        return text.str();
    }

public:
    /// As nginx does it unless told otherwise: HTTP/1.0 to the server, an answer without chunks. It holds an answer
    /// that does not ask it not to.
    void eventsArriveAtOnceThroughABufferingProxy() { eventsArriveAtOnce(""); }

    void eventsArriveAtOnceInChunksToo()
    {
        eventsArriveAtOnce("      proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n");
    }

private:
    void eventsArriveAtOnce(const std::string& more)
    {
        const TemporaryFolder folder;
        // Without heartbeats, which would push out what a buffer holds.
        const auto server = ServerProcess::serve({"--timeouts.heartbeatMs=0"});
        const std::uint16_t port = freePort();
        Program nginx("nginx", {"-p", folder.path(), "-e", "stderr", "-c",
                                folder.write("nginx.conf", configuration(folder, port, server->port(), more))});
        nginx.awaitPort(port);
        assertServes(port);

        std::vector<std::unique_ptr<Reader>> streams;
        streams.push_back(std::make_unique<Reader>(port, request("GET", "/sse", {{"Accept", "text/event-stream"}})));
        streams.push_back(std::make_unique<Reader>(
            port, request("GET", "/mcp", {{"Accept", "text/event-stream"}, {"Mcp-Session-Id", openSession(port)}})));
        Reader listener(
            port, request("POST", "/mcp", modernHeaders("subscriptions/listen"),
                          modernBody("7", "subscriptions/listen", R"("notifications":{"toolsListChanged":true})")));
        (void)listener.arrival("acknowledged");

        std::vector<double> delays;
        const auto send = [&](const std::string& message)
        {
            const auto sent = Clock::now();
            const HttpReply reply = exchange(server->port(), "POST", "/broadcast",
                                             {{"Content-Type", "application/json"}}, "{\"message\":" + message + '}');
            CPPUNIT_ASSERT_EQUAL_MESSAGE(reply.body, 200, reply.status);
            return sent;
        };
        const auto note = [&](Clock::time_point sent, Clock::time_point came)
        { delays.push_back(std::chrono::duration<double, std::milli>(came - sent).count()); };
        for (int at = 0; at < EVENTS; ++at)
        {
            const std::string text = "event-" + std::to_string(at) + '.';
            const auto sent =
                send(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":")" + text +
                     "\"}}");
            for (const auto& stream : streams)
                note(sent, stream->arrival(text));
        }
        const auto sent = send(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
        note(sent, listener.arrival("list_changed"));

        // Each came before the next was sent, so none waited in a buffer. The median says how long that took: a single
        // one may be late because the machine had something else to do.
        std::nth_element(delays.begin(), delays.begin() + static_cast<long>(delays.size() / 2), delays.end());
        CPPUNIT_ASSERT_MESSAGE(std::to_string(delays[delays.size() / 2]) + " ms", delays[delays.size() / 2] < 200);
        streams.clear();
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProxyTest);

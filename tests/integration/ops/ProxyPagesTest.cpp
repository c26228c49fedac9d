// The pages for proxies in conf/proxy/, with the proxies they are for and two instances behind them.
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
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace tenon::tests;

class ProxyPagesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProxyPagesTest);
    CPPUNIT_TEST(nginxKeepsClientsWhereTheirSessionIs);
    CPPUNIT_TEST(haproxyKeepsClientsWhereTheirSessionIs);
    CPPUNIT_TEST(caddyKeepsClientsWhereTheirSessionIs);
    CPPUNIT_TEST_SUITE_END();

    using Replacements = std::vector<std::pair<std::string, std::string>>;

    /// A page with what is elsewhere on the machine of a test. Errors: fails the running test if something is not in it.
    static std::string page(const std::string& name, const Replacements& replacements)
    {
        std::ifstream file(TENON_TEST_CONF "/proxy/" + name);
        std::string text((std::istreambuf_iterator<char>(file)), {});
        for (const auto& [from, to] : replacements)
        {
            auto at = text.find(from);
            CPPUNIT_ASSERT_MESSAGE(from + " is not in " + name, at != std::string::npos);
            for (; at != std::string::npos; at = text.find(from, at + to.size()))
                text.replace(at, from.size(), to);
        }
        return text;
    }

    static std::string local(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

    /// An instance that comes back under its name and on its port.
    class Instance
    {
    public:
        explicit Instance(std::string name) : _name(std::move(name)), _port(freePort()) { start(); }

        void start()
        {
            _server = ServerProcess::serve({"--http.port=" + std::to_string(_port), "--cluster.instance=" + _name,
                                            "--sse.profiles=standard,path-session,backlog,rails",
                                            "--http.trustedProxies=127.0.0.1", "--timeouts.lameDuckMs=3s"});
            CPPUNIT_ASSERT(eventually([this] { return exchange(_port, "GET", "/ready").status == 200; }));
        }
        void stop() { CPPUNIT_ASSERT_EQUAL_MESSAGE(_server->output(), 0, _server->stop()); }
        [[nodiscard]] std::uint16_t port() const { return _port; }

    private:
        const std::string _name;
        const std::uint16_t _port;
        std::unique_ptr<ServerProcess> _server;
    };

    /// Clients that go on whatever happens, and what went wrong for them.
    class Load
    {
    public:
        explicit Load(std::uint16_t port)
        {
            _threads.emplace_back([this, port] { loop([port] { return oneRequest(port); }); });
            _threads.emplace_back([this, port] { loop([port] { return oneSession(port); }); });
        }
        ~Load()
        {
            _stop = true;
            for (std::thread& thread : _threads)
                thread.join();
        }
        /// Waits until that many more are served.
        void await(int more)
        {
            const int until = _served + more;
            CPPUNIT_ASSERT(eventually([&] { return _served >= until; }));
        }
        [[nodiscard]] std::pair<long, std::string> failures()
        {
            const std::lock_guard lock(_mutex);
            return {_failed, _failures};
        }

    private:
        template <typename Work>
        void loop(Work work)
        {
            while (!_stop)
            {
                std::string fault;
                try
                {
                    fault = work();
                }
                catch (const Poco::Exception& exc)
                {
                    fault = exc.displayText();
                }
                ++_served;
                if (fault.empty())
                    continue;
                const std::lock_guard lock(_mutex);
                ++_failed;
                _failures += fault + '\n';
            }
        }

        static std::string oneRequest(std::uint16_t port)
        {
            const HttpReply reply = exchange(port, "POST", "/mcp", modernHeaders("tools/call", "clock_now"),
                                             modernBody("1", "tools/call", R"("name":"clock_now","arguments":{})"));
            return reply.status == 200 ? "" : "a call: " + std::to_string(reply.status) + ' ' + reply.body;
        }

        static std::string oneSession(std::uint16_t port)
        {
            const HttpReply opened = exchange(
                port, "POST", "/mcp", {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
                legacyBody(
                    "1", "initialize",
                    R"("protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"})"));
            if (opened.status != 200)
                return "a new session: " + std::to_string(opened.status) + ' ' + opened.body;
            const HttpReply ping = exchange(port, "POST", "/mcp",
                                            {{"Content-Type", "application/json"},
                                             {"Accept", "application/json"},
                                             {"MCP-Protocol-Version", "2025-11-25"},
                                             {"Mcp-Session-Id", opened.header("mcp-session-id")}},
                                            legacyBody("2", "ping"));
            // 404: its instance has gone meanwhile, and the client opens another session.
            return ping.status == 200 || ping.status == 404
                       ? ""
                       : "a session: " + std::to_string(ping.status) + ' ' + ping.body;
        }

        std::atomic<bool> _stop{false};
        std::atomic<int> _served{0};
        std::mutex _mutex; // guards what follows
        long _failed = 0;
        std::string _failures;
        std::vector<std::thread> _threads;
    };

    static std::string post(std::string_view path, const std::string& body)
    {
        return request("POST", path, {{"Content-Type", "application/json"}}, body);
    }

    /// Opens a stream and sends a ping the way of a profile; from a client with this address.
    static void assertStreams(std::uint16_t port, const std::string& from, const std::string& profile)
    {
        const std::string own = "mine-" + from;
        RawConnection stream(port, from), poster(port, from);
        const std::string path = profile == "standard"       ? "/sse"
                                 : profile == "path-session" ? "/sse/" + own
                                                             : "/mcp/sse";
        stream.send(request("GET", path, {{"Accept", "text/event-stream"}}));
        const HttpReply head = stream.receiveHead();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(profile + ' ' + head.body, 200, head.status);
        std::string target = "/message/" + own, message = legacyBody("77", "ping");
        if (profile == "standard")
            target = stream.receiveEvent();
        else if (profile != "path-session")
        {
            const std::string id = parseObject(stream.receiveEvent())->getValue<std::string>("connectionId");
            target = profile == "backlog" ? "/mcp/sse/send" : "/mcp/sse/message";
            message = profile == "backlog"
                          ? R"({"connectionId":")" + id + R"(","message":{"id":77,"method":"ping"}})"
                          : R"({"connection_id":")" + id + R"(","jsonrpc":"2.0","id":77,"method":"ping"})";
        }
        poster.send(post(target, message));
        const HttpReply reply = poster.receive();
        CPPUNIT_ASSERT_MESSAGE(profile + ' ' + std::to_string(reply.status) + ' ' + reply.body,
                               reply.status == 200 || reply.status == 202);
        std::string event;
        while (event.find("\"id\":77") == std::string::npos)
        {
            event = stream.receiveEvent();
            CPPUNIT_ASSERT_MESSAGE(profile + ": no answer", !event.empty());
        }
    }

    static void assertKeepsSessions(std::uint16_t port)
    {
        constexpr int SESSIONS = 20, CLIENTS = 6;
        int ofOne = 0;
        for (int at = 0; at < SESSIONS; ++at)
        {
            const LegacySession session(port); // which sends a second message
            for (int again = 0; again < 4; ++again)
                CPPUNIT_ASSERT_EQUAL(200, session.request("ping").status);
            ofOne += session.id().rfind("one.", 0) == 0 ? 1 : 0;
        }
        CPPUNIT_ASSERT_MESSAGE(std::to_string(ofOne) + " sessions in the first", ofOne > 0 && ofOne < SESSIONS);
        for (const char* profile : {"standard", "path-session", "backlog", "rails"})
            for (int at = 1; at <= CLIENTS; ++at)
                assertStreams(port, "127.0.0." + std::to_string(at), profile);
    }

    /// Each instance goes and comes back while clients work: none of hundreds of requests fails.
    static void assertSurvivesRestarts(std::uint16_t port, Instance& one, Instance& two)
    {
        Load load(port);
        for (Instance* instance : {&one, &two})
        {
            load.await(50);
            instance->stop();
            load.await(50);
            instance->start();
            std::this_thread::sleep_for(std::chrono::seconds(3)); // as an operator waits for the balancer to look again
        }
        load.await(50);
        const auto [count, failures] = load.failures();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(failures, 0L, count);
    }

    static void assertHolds(std::uint16_t port, Instance& one, Instance& two)
    {
        assertServes(port);
        assertKeepsSessions(port);
        assertSurvivesRestarts(port, one, two);
        one.stop();
        two.stop();
    }

public:
    void nginxKeepsClientsWhereTheirSessionIs()
    {
        const TemporaryFolder folder;
        Program key("openssl",
                    {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mcp.example",
                     "-keyout", folder.path("privkey.pem"), "-out", folder.path("fullchain.pem")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(key.output(), 0, key.wait());
        Instance one("one"), two("two");
        std::string whole = "daemon off;\npid " + folder.path("pid") + ";\nerror_log stderr;\nevents {}\nhttp {\n";
        for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            whole += std::string(kind) + "_temp_path " + folder.path(kind) + ";\n";
        const std::string rest = page("nginx.conf", {{"/etc/ssl/mcp.example/", folder.path() + '/'},
                                                     {"/var/log/nginx/", folder.path() + '/'},
                                                     {"10.0.0.1:8080", local(one.port())},
                                                     {"10.0.0.2:8080", local(two.port())}});
        Program check("nginx", {"-t", "-p", folder.path(), "-e", "stderr", "-c",
                                folder.write("whole.conf", whole + rest + "}\n")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(check.output(), 0, check.wait());
        // The same without TLS, which is nothing of ours.
        const std::uint16_t port = freePort();
        std::string plain = rest;
        for (const auto& [from, to] : Replacements{{"listen 443 ssl http2;", "listen " + local(port) + ';'},
                                                   {"listen 80;", "listen " + local(freePort()) + ';'}})
            plain.replace(plain.find(from), from.size(), to);
        Program nginx("nginx",
                      {"-p", folder.path(), "-e", "stderr", "-c", folder.write("plain.conf", whole + plain + "}\n")});
        nginx.awaitPort(port);
        assertHolds(port, one, two);
    }

    void haproxyKeepsClientsWhereTheirSessionIs()
    {
        const TemporaryFolder folder;
        Instance one("one"), two("two");
        const std::uint16_t port = freePort();
        // Without TLS: the certificate is nothing of ours.
        Program haproxy(
            "haproxy",
            {"-db", "-f",
             folder.write("haproxy.cfg",
                          page("haproxy.cfg", {{"bind :443 ssl crt /etc/haproxy/mcp.example.pem alpn h2,http/1.1",
                                                "bind " + local(port)},
                                               {"10.0.0.1:8080", local(one.port())},
                                               {"10.0.0.2:8080", local(two.port())},
                                               {"mcp.example", "127.0.0.1"},
                                               {"maxconn 50000", "maxconn 500"}}))});
        haproxy.awaitPort(port);
        assertHolds(port, one, two);
    }

    void caddyKeepsClientsWhereTheirSessionIs()
    {
        const TemporaryFolder folder;
        Instance one("one"), two("two");
        const std::uint16_t port = freePort();
        const std::string file = folder.write(
            "Caddyfile", "{\n\tadmin off\n}\n" + page("Caddyfile", {{"mcp.example {", "http://" + local(port) + " {"},
                                                                    {"Host mcp.example", "Host 127.0.0.1"},
                                                                    {"10.0.0.1:8080", local(one.port())},
                                                                    {"10.0.0.2:8080", local(two.port())},
                                                                    {"/var/log/caddy/", folder.path() + '/'}}));
        Program caddy("env", {"XDG_CONFIG_HOME=" + folder.path(), "XDG_DATA_HOME=" + folder.path(), "caddy", "run",
                              "--adapter", "caddyfile", "--config", file});
        caddy.awaitPort(port);
        CPPUNIT_ASSERT_EQUAL(200, exchange(port, "GET", "/health?token=secret", {{"Host", local(port)}}).status);
        std::string logged;
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                logged = folder.read("tenon.log");
                return logged.find("/health") != std::string::npos;
            }));
        CPPUNIT_ASSERT_MESSAGE(logged, logged.find("secret") == std::string::npos);
        assertHolds(port, one, two);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProxyPagesTest);

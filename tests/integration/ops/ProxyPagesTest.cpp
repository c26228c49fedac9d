// The pages for proxies in conf/proxy/, with the proxies they are for.
#include "Program.h"
#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace tenon::tests;

class ProxyPagesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProxyPagesTest);
    CPPUNIT_TEST(nginxTakesItsPage);
    CPPUNIT_TEST(haproxyLeavesClientsWhereTheirSessionIs);
    CPPUNIT_TEST(caddyPassesEverything);
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

    static std::unique_ptr<ServerProcess> serve() { return ServerProcess::serve({"--http.trustedProxies=127.0.0.1"}); }

    /// A client of HTTP+SSE: the stream comes at once, and what is sent to the address it names is answered on it.
    static void assertStreams(std::uint16_t port)
    {
        RawConnection stream(port);
        stream.send(request("GET", "/sse", {{"Accept", "text/event-stream"}}));
        const HttpReply head = stream.receiveHead();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(head.body, 200, head.status);
        const std::string endpoint = stream.receiveEvent();
        const HttpReply posted = exchange(
            port, "POST", endpoint, {{"Content-Type", "application/json"}},
            legacyBody("1", "initialize",
                       R"("protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"t","version":"1"})"));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(endpoint + ": " + posted.body, 202, posted.status);
        const std::string answer = stream.receiveEvent();
        CPPUNIT_ASSERT_MESSAGE(answer, answer.find("\"protocolVersion\":\"2024-11-05\"") != std::string::npos);
    }

    static int pings(const LegacySession& session, std::uint16_t port)
    {
        return exchange(port, "POST", "/mcp", session.headers(), legacyBody("1", "ping")).status;
    }

public:
    void nginxTakesItsPage()
    {
        const TemporaryFolder folder;
        Program key("openssl",
                    {"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mcp.example",
                     "-keyout", folder.path("privkey.pem"), "-out", folder.path("fullchain.pem")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(key.output(), 0, key.wait());
        std::string whole = "pid " + folder.path("pid") + ";\nevents {}\nhttp {\n";
        for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            whole += std::string(kind) + "_temp_path " + folder.path(kind) + ";\n";
        whole += page("nginx.conf",
                      {{"/etc/ssl/mcp.example/", folder.path() + '/'}, {"/var/log/nginx/", folder.path() + '/'}});
        Program nginx("nginx",
                      {"-t", "-p", folder.path(), "-e", "stderr", "-c", folder.write("nginx.conf", whole + "}\n")});
        const int status = nginx.wait();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(nginx.output(), 0, status);
    }

    void haproxyLeavesClientsWhereTheirSessionIs()
    {
        const TemporaryFolder folder;
        const auto one = serve(), two = serve();
        const std::uint16_t port = freePort();
        // Without TLS: the certificate is nothing of ours.
        Program haproxy(
            "haproxy",
            {"-db", "-f",
             folder.write("haproxy.cfg",
                          page("haproxy.cfg", {{"bind :443 ssl crt /etc/haproxy/mcp.example.pem alpn h2,http/1.1",
                                                "bind " + local(port)},
                                               {"10.0.0.1:8080", local(one->port())},
                                               {"10.0.0.2:8080", local(two->port())},
                                               {"mcp.example", "127.0.0.1"},
                                               {"maxconn 50000", "maxconn 500"}}))});
        haproxy.awaitPort(port);
        assertServes(port);
        int ofOne = 0;
        constexpr int SESSIONS = 8;
        for (int at = 0; at < SESSIONS; ++at)
        {
            const LegacySession session(port); // which sends a second message
            for (int again = 0; again < 4; ++again)
                CPPUNIT_ASSERT_EQUAL(200, pings(session, port));
            ofOne += pings(session, one->port()) == 200 ? 1 : 0;
        }
        CPPUNIT_ASSERT_MESSAGE(std::to_string(ofOne) + " sessions in the first", ofOne > 0 && ofOne < SESSIONS);
        for (int at = 0; at < 3; ++at)
            assertStreams(port);
        CPPUNIT_ASSERT_EQUAL(0, one->stop());
        CPPUNIT_ASSERT_EQUAL(0, two->stop());
    }

    void caddyPassesEverything()
    {
        const TemporaryFolder folder;
        const auto server = serve();
        const std::uint16_t port = freePort();
        const std::string file = folder.write(
            "Caddyfile", "{\n\tadmin off\n}\n" + page("Caddyfile", {{"mcp.example {", "http://" + local(port) + " {"},
                                                                    {"127.0.0.1:8080", local(server->port())},
                                                                    {"/var/log/caddy/", folder.path() + '/'}}));
        Program caddy("env", {"XDG_CONFIG_HOME=" + folder.path(), "XDG_DATA_HOME=" + folder.path(), "caddy", "run",
                              "--adapter", "caddyfile", "--config", file});
        caddy.awaitPort(port);
        assertServes(port);
        assertStreams(port);
        CPPUNIT_ASSERT_EQUAL(200, exchange(port, "GET", "/health?token=secret", {{"Host", local(port)}}).status);
        std::string logged;
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                logged = folder.read("tenon.log");
                return logged.find("/health") != std::string::npos;
            }));
        CPPUNIT_ASSERT_MESSAGE(logged, logged.find("secret") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProxyPagesTest);

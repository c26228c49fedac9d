#include "base/text/Hex.h"
#include "console/EmbeddedFile.h"
#include "guard/login/Digest.h"
#include "net/route/MemoryRequest.h"
#include "ops/Operations.h"
#include "unit/mcp/TestServer.h"
#include "unit/ops/OpsFixture.h"

#include <Poco/AutoPtr.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/extensions/HelperMacros.h>

#include <memory>

using namespace tenon;

/// The routes as the front drives them: gate, router, handler.
class RoutesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RoutesTest);
    CPPUNIT_TEST(healthIsOpen);
    CPPUNIT_TEST(readinessIsTheStatus);
    CPPUNIT_TEST(statsNeedThePermission);
    CPPUNIT_TEST(endingSessions);
    CPPUNIT_TEST(restartingPlugins);
    CPPUNIT_TEST(broadcasting);
    CPPUNIT_TEST(metrics);
    CPPUNIT_TEST(metricsOpenOrOff);
    CPPUNIT_TEST(metadata);
    CPPUNIT_TEST(console);
    CPPUNIT_TEST(consoleFiles);
    CPPUNIT_TEST(consoleFiguresNeedThePermission);
    CPPUNIT_TEST(laptop);
    CPPUNIT_TEST_SUITE_END();

    static std::string hash(std::string_view text)
    {
        const guard::Digest digest = guard::sha256(text);
        return base::toHex({reinterpret_cast<const char*>(digest.data()), digest.size()});
    }

    /// A server without its front.
    struct Site
    {
        explicit Site(std::map<std::string, std::string> values)
            : settings(test::settingsOf(std::move(values))), plugins(settings), status(plugins, {}),
              sessions(*protocol.dispatcher), gate(*settings, {}), router(new net::Router),
              operations(ops::Settings::read(*settings), {status, sessions, protocol.metrics, gate, plugins, live})
        {
            status.enter(ops::Phase::RUNNING);
            operations.addTo(*router);
        }

        struct Answer
        {
            int status = 0;
            std::string body, type, challenge;
        };

        Answer ask(const std::string& method, const std::string& target, const std::string& token = {},
                   const std::string& body = {})
        {
            const std::string authorization = "Bearer " + token;
            net::RequestHead head;
            head.method = method;
            head.target = target;
            head.path = std::string_view(target).substr(0, target.find('?'));
            head.addField("Host", "localhost");
            if (!token.empty())
                head.addField("Authorization", authorization);
            const net::Router::Way way = router->find(head.path, method);
            const net::Route* const route = way.route;
            if (!route)
                return {404, {}, {}, {}};
            CPPUNIT_ASSERT(way.isOpen());

            guard::RequestFacts facts{head.method, head.path, {}, "127.0.0.1", {}, false, route->area, &head};
            const guard::Admission admission = gate.admit(facts);
            if (!admission.admitted())
                return {admission.refusal->status, admission.refusal->body, {}, {}};
            const net::Request request{head, *route, body, way.rest, admission, "127.0.0.1"};
            net::MemoryResponse response(nullptr);
            const Poco::AutoPtr<Poco::Net::HTTPServerParams> params(new Poco::Net::HTTPServerParams);
            net::MemoryRequest posed(request, response, *params);
            const std::unique_ptr<Poco::Net::HTTPRequestHandler> handler(router->createRequestHandler(posed));
            CPPUNIT_ASSERT(handler);
            handler->handleRequest(posed, response);
            CPPUNIT_ASSERT(response.sent());
            return {static_cast<int>(response.getStatus()), response.body(), response.getContentType(),
                    response.get("WWW-Authenticate", "")};
        }

        base::SettingsPtr settings;
        tests::TestServer protocol;
        tests::LegacyClient client{protocol};
        plugin::PluginManager plugins;
        ops::ServerStatus status;
        ops::SessionsView sessions;
        guard::Gate gate;
        ops::LiveFeed live;
        net::Router::Ptr router;
        ops::Operations operations;
    };

    static std::map<std::string, std::string> tokens(std::map<std::string, std::string> more = {})
    {
        more.emplace("auth.type", "bearer");
        more.emplace("auth.token.m.sha256", hash("master"));
        more.emplace("auth.token.m.type", "master");
        more.emplace("auth.token.t.sha256", hash("team"));
        return more;
    }

public:
    void healthIsOpen()
    {
        Site site(tokens());
        CPPUNIT_ASSERT_EQUAL(200, site.ask("GET", "/health").status);
        CPPUNIT_ASSERT(site.router->find("/health", "GET").route->always);
    }

    void readinessIsTheStatus()
    {
        Site site(tokens());
        CPPUNIT_ASSERT_EQUAL(200, site.ask("GET", "/ready").status);
        site.status.enter(ops::Phase::DRAINING);
        CPPUNIT_ASSERT_EQUAL(503, site.ask("GET", "/ready").status);
        CPPUNIT_ASSERT_EQUAL(200, site.ask("GET", "/health").status);
    }

    void statsNeedThePermission()
    {
        Site site(tokens());
        CPPUNIT_ASSERT_EQUAL(401, site.ask("GET", "/stats").status);
        const Site::Answer refused = site.ask("GET", "/stats", "team");
        CPPUNIT_ASSERT_EQUAL(403, refused.status);
        CPPUNIT_ASSERT(refused.body.find("auth.types.<type>.stats") != std::string::npos);
        CPPUNIT_ASSERT(refused.challenge.find("insufficient_scope") != std::string::npos);
        const Site::Answer shown = site.ask("GET", "/stats", "master");
        CPPUNIT_ASSERT_EQUAL(200, shown.status);
        CPPUNIT_ASSERT(shown.body.find("\"totalConnections\":1") != std::string::npos);
    }

    void endingSessions()
    {
        Site site(tokens());
        const std::string one = "/stats/sessions/" + site.client.session();
        CPPUNIT_ASSERT_EQUAL(401, site.ask("DELETE", one).status);
        CPPUNIT_ASSERT_EQUAL(403, site.ask("DELETE", one, "team").status);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), site.sessions.sessions().size());
        CPPUNIT_ASSERT_EQUAL(404, site.ask("DELETE", "/stats/sessions/other", "master").status);
        CPPUNIT_ASSERT_EQUAL(404, site.ask("DELETE", "/stats/sessions/", "master").status);
        CPPUNIT_ASSERT_EQUAL(404, site.ask("DELETE", "/stats/sessions/%zz", "master").status);
        CPPUNIT_ASSERT_EQUAL(204, site.ask("DELETE", one + "?x=y", "master").status);
        CPPUNIT_ASSERT(site.sessions.sessions().empty());
    }

    void restartingPlugins()
    {
        Site site(tokens());
        CPPUNIT_ASSERT_EQUAL(401, site.ask("POST", "/plugins/clock/restart").status);
        CPPUNIT_ASSERT_EQUAL(403, site.ask("POST", "/plugins/clock/restart", "team").status);
        for (const char* path : {"/plugins/nobody/restart", "/plugins/nobody/reload", "/plugins/clock/explode",
                                 "/plugins/clock", "/plugins//restart"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 404, site.ask("POST", path, "master").status);
    }

    void broadcasting()
    {
        Site site(tokens());
        const std::string body = R"({"message":"hello"})";
        CPPUNIT_ASSERT_EQUAL(401, site.ask("POST", "/broadcast", "", body).status);
        CPPUNIT_ASSERT_EQUAL(403, site.ask("POST", "/broadcast", "team", body).status);
        const auto stream = site.client.get();
        const Site::Answer done = site.ask("POST", "/broadcast", "master", body);
        CPPUNIT_ASSERT_EQUAL(200, done.status);
        CPPUNIT_ASSERT_EQUAL(std::string("{\"sent\":1}"), done.body);
        CPPUNIT_ASSERT(stream->waitForEvents(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), stream->events().size()); // nothing of those that were refused
        CPPUNIT_ASSERT_EQUAL(400, site.ask("POST", "/broadcast", "master", "{}").status);
        CPPUNIT_ASSERT_EQUAL(
            400,
            site.ask("POST", "/broadcast", "master", "{\"message\":\"" + std::string(1 << 20, 'x') + "\"}").status);
    }

    void metrics()
    {
        Site site(tokens());
        CPPUNIT_ASSERT_EQUAL(401, site.ask("GET", "/metrics").status);
        CPPUNIT_ASSERT_EQUAL(403, site.ask("GET", "/metrics", "team").status);
        const Site::Answer shown = site.ask("GET", "/metrics", "master");
        CPPUNIT_ASSERT_EQUAL(200, shown.status);
        CPPUNIT_ASSERT_EQUAL(std::string("text/plain; version=0.0.4; charset=utf-8"), shown.type);
    }

    void metricsOpenOrOff()
    {
        Site open(tokens({{"ops.metrics", "open"}}));
        CPPUNIT_ASSERT_EQUAL(200, open.ask("GET", "/metrics").status);
        Site off(tokens({{"ops.metrics", "off"}}));
        CPPUNIT_ASSERT_EQUAL(404, off.ask("GET", "/metrics", "master").status);
    }

    void metadata()
    {
        Site none(tokens());
        CPPUNIT_ASSERT_EQUAL(404, none.ask("GET", "/.well-known/oauth-protected-resource").status);
        const std::string secret = Poco::TemporaryFile::tempName();
        Poco::FileOutputStream(secret) << std::string(32, 's');
        Site site({{"auth.type", "oauth"},
                   {"auth.jwt.secretFile", secret},
                   {"http.publicUrl", "https://mcp.example"},
                   {"auth.oauth.authorizationServers", "https://login.example"}});
        Poco::File(secret).remove();
        for (const char* path : {"/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"})
        {
            const Site::Answer answer = site.ask("GET", path);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 200, answer.status);
            CPPUNIT_ASSERT(answer.body.find("https://login.example") != std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(404, site.ask("GET", "/.well-known/oauth-protected-resource/other").status);
    }

    void console()
    {
        Site site(tokens());
        CPPUNIT_ASSERT_EQUAL(200, site.ask("GET", "/").status);
        Site off(tokens({{"console.enabled", "false"}}));
        CPPUNIT_ASSERT_EQUAL(404, off.ask("GET", "/").status);
    }

    void consoleFiles()
    {
        Site site(tokens());
        const Site::Answer page = site.ask("GET", "/console/");
        if (console::embeddedFiles().empty()) // built without Node.js: it says so
        {
            CPPUNIT_ASSERT_EQUAL(503, page.status);
            CPPUNIT_ASSERT(page.body.find("Node.js") != std::string::npos);
            return;
        }
        CPPUNIT_ASSERT_EQUAL(200, page.status);
        CPPUNIT_ASSERT(page.body.find("console.js") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("text/javascript; charset=utf-8"),
                             site.ask("GET", "/console/console.js").type);
        CPPUNIT_ASSERT_EQUAL(404, site.ask("GET", "/console/other.js").status);
        Site without(tokens({{"console.enabled", "false"}}));
        CPPUNIT_ASSERT_EQUAL(404, without.ask("GET", "/console/").status);
    }

    void consoleFiguresNeedThePermission()
    {
        Site site(tokens());
        CPPUNIT_ASSERT_EQUAL(401, site.ask("GET", "/console/api/server").status);
        const Site::Answer team = site.ask("GET", "/console/api/server", "team");
        CPPUNIT_ASSERT_EQUAL(200, team.status);
        CPPUNIT_ASSERT(team.body.find(R"("type":"team","anonymous":false,"stats":false)") != std::string::npos);
        for (const std::string name : {"history", "tools", "plugins", "sessions", "access/types", "access/team"})
        {
            CPPUNIT_ASSERT_EQUAL(401, site.ask("GET", "/console/api/" + name).status);
            CPPUNIT_ASSERT_EQUAL(403, site.ask("GET", "/console/api/" + name, "team").status);
            CPPUNIT_ASSERT_EQUAL(200, site.ask("GET", "/console/api/" + name, "master").status);
        }
        CPPUNIT_ASSERT_EQUAL(404, site.ask("GET", "/console/api/other", "master").status);
        CPPUNIT_ASSERT_EQUAL(404, site.ask("GET", "/console/api/access/nobody", "master").status);
        for (const std::string name : {"events", "doctor"})
            CPPUNIT_ASSERT_EQUAL(403, site.ask("GET", "/console/api/" + name, "team").status);
        // What somebody may do is no secret from that one.
        const Site::Answer own = site.ask("GET", "/console/api/access", "team");
        CPPUNIT_ASSERT_EQUAL(200, own.status);
        CPPUNIT_ASSERT_EQUAL(std::string("\"team\""), tests::at(own.body, "/type"));
        CPPUNIT_ASSERT_EQUAL(std::string("false"), tests::at(own.body, "/stats"));
    }

    void laptop()
    {
        Site site({});
        for (const char* path : {"/", "/health", "/ready", "/metrics", "/stats"})
            CPPUNIT_ASSERT_EQUAL_MESSAGE(path, 200, site.ask("GET", path).status);
        CPPUNIT_ASSERT_EQUAL(200, site.ask("POST", "/broadcast", "", R"({"message":"hello"})").status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RoutesTest);

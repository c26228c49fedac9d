// A real Prometheus reads the metrics as conf/monitoring says, and finds all that the dashboard asks for.
#include "Program.h"
#include "support/FreePort.h"
#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/URI.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cctype>
#include <fstream>
#include <set>
#include <vector>

using namespace tenon::tests;

class PrometheusTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PrometheusTest);
    CPPUNIT_TEST(promtoolIsContent);
    CPPUNIT_TEST(countsRequestsOfEveryTransport);
    CPPUNIT_TEST(prometheusScrapesWithAToken);
    CPPUNIT_TEST_SUITE_END();

    /// "scraper", by `printf %s TOKEN | sha256sum`.
    static constexpr const char* SCRAPER = "7c09b62405a2c0917f8b7440599ce947d2dc40bc8ece294d8be99fd808b593f0";

    static std::string fileText(const std::string& path)
    {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    /// One of everything, so that every metric has something to say.
    static void use(std::uint16_t port, const Headers& credentials)
    {
        const auto with = [&](Headers headers)
        {
            headers.insert(credentials.begin(), credentials.end());
            return headers;
        };
        (void)exchange(port, "POST", "/mcp", with(modernHeaders("tools/call", "clock_now")),
                       modernBody("1", "tools/call", R"("name":"clock_now","arguments":{})"));
        (void)exchange(port, "POST", "/mcp", with(modernHeaders("tools/call", "none")),
                       modernBody("1", "tools/call", R"("name":"none")"));
        (void)exchange(
            port, "POST", "/mcp", with({{"Content-Type", "application/json"}}),
            legacyBody("1", "initialize",
                       R"("protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"})"));
        (void)exchange(port, "GET", "/nowhere", credentials);
        (void)exchange(port, "GET", "/health", {{"Host", "evil.example"}});
    }

    static std::set<std::string> namesIn(const std::string& expression)
    {
        std::set<std::string> names;
        std::string word;
        for (const char letter : expression + ' ')
        {
            if (std::isalnum(static_cast<unsigned char>(letter)) || letter == '_')
            {
                word += letter;
                continue;
            }
            if (letter == '{')
                names.insert(word);
            word.clear();
        }
        return names;
    }

    inline static const std::set<std::string> KNOWN_TO_OTHERS = {"sse_connections_active", "messages_received_total",
                                                                 "errors_total", "request_duration_seconds",
                                                                 "session_duration_seconds"};

    static std::set<std::string> families(const std::string& text)
    {
        std::set<std::string> names;
        const std::string mark = "# TYPE ";
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1))
            names.insert(text.substr(at + mark.size(), text.find(' ', at + mark.size()) - at - mark.size()));
        return names;
    }

    /// The names in server/ops/README.md, where `tenon_calls_{total,failed}` stands for two.
    static std::set<std::string> documented()
    {
        std::set<std::string> names;
        std::vector<std::string> words{""};
        std::size_t open = 0; // how many of `words` a brace has yet to go on with; 0: none is open
        const auto extend = [&](char letter)
        {
            for (std::size_t at = open == 0 ? 0 : words.size() - open; at < words.size(); ++at)
                words[at] += letter;
        };
        std::string head;
        for (const char letter : fileText(TENON_TEST_CONF "/../server/ops/README.md"))
        {
            if (letter == '{' && open == 0)
            {
                head = words.back();
                open = 1;
            }
            else if (letter == ',' && open != 0)
                words.push_back(head);
            else if (letter == '}' && open != 0)
                open = 0;
            else if (std::isalnum(static_cast<unsigned char>(letter)) || letter == '_')
                extend(letter);
            else
            {
                names.insert(words.begin(), words.end());
                words.assign(1, "");
                open = 0;
            }
        }
        return names;
    }

    /// The answer to an instant query.
    static std::string query(std::uint16_t port, const std::string& expression)
    {
        std::string encoded;
        Poco::URI::encode(expression, "+&=#{}[]\"~$", encoded);
        return exchange(port, "GET", "/api/v1/query?query=" + encoded).body;
    }

    static std::vector<std::string> dashboardExpressions()
    {
        Poco::JSON::Parser parser;
        const auto root = parser.parse(fileText(TENON_TEST_CONF "/monitoring/grafana-dashboard.json"))
                              .extract<Poco::JSON::Object::Ptr>();
        std::vector<std::string> all;
        const auto panels = root->getArray("panels");
        for (unsigned at = 0; at < panels->size(); ++at)
            if (const auto targets = panels->getObject(at)->getArray("targets"))
                for (unsigned target = 0; target < targets->size(); ++target)
                    all.push_back(targets->getObject(target)->getValue<std::string>("expr"));
        return all;
    }

public:
    void promtoolIsContent()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve({"--ops.metrics=open"});
        use(server->port(), {});
        const HttpReply metrics = exchange(server->port(), "GET", "/metrics");
        CPPUNIT_ASSERT_EQUAL(200, metrics.status);
        CPPUNIT_ASSERT_MESSAGE(metrics.header("content-type"),
                               metrics.header("content-type").rfind("text/plain; version=0.0.4", 0) == 0);
        for (const char* name :
             {"sse_connections_active", "messages_received_total", "request_duration_seconds", "errors_total",
              "session_duration_seconds", "tenon_plugin_up", "tenon_plugin_restarts_total", "tenon_tool_calls_queued",
              "tenon_build_info", "tenon_events_dropped_total"})
            CPPUNIT_ASSERT_MESSAGE(name, metrics.body.find(std::string("# TYPE ") + name + ' ') != std::string::npos);
        for (const std::string& name : families(metrics.body))
            CPPUNIT_ASSERT_MESSAGE(
                name + " is neither Tenon's own, nor one of the five that others know, nor OpenTelemetry's",
                name.rfind("tenon_", 0) == 0 || KNOWN_TO_OTHERS.count(name) == 1 || name.rfind("mcp_server_", 0) == 0);
        const std::set<std::string> listed = documented();
        for (const std::string& name : families(metrics.body))
            CPPUNIT_ASSERT_MESSAGE(name + " is not in server/ops/README.md", listed.count(name) == 1);
        const std::string file = folder.write("metrics", metrics.body);
        Program promtool("sh", {"-c", "exec '" + findProgram("promtool") + "' check metrics < '" + file + "'"});
        const int status = promtool.wait();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(promtool.output(), 0, status);
        CPPUNIT_ASSERT_EQUAL(std::string(), promtool.output());
        CPPUNIT_ASSERT_MESSAGE("no names of people", metrics.body.find("anonymous") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    /// Over HTTP as JSON and as a stream, and over HTTP+SSE; stdio has nobody who could read metrics beside it.
    void countsRequestsOfEveryTransport()
    {
        const auto server = ServerProcess::serve({"--ops.metrics=open"});
        const auto counted = [&]
        {
            const std::string text = exchange(server->port(), "GET", "/metrics").body;
            const std::string name = "request_duration_seconds_count ";
            const auto at = text.find(name);
            CPPUNIT_ASSERT_MESSAGE(text, at != std::string::npos);
            return std::stoi(text.substr(at + name.size()));
        };
        CPPUNIT_ASSERT_EQUAL(200, modernRequest(server->port(), "tools/list").status);
        CPPUNIT_ASSERT_EQUAL(1, counted());
        Headers streaming = modernHeaders("tools/call", "sysinfo_sample");
        streaming["Accept"] = "text/event-stream";
        std::string body =
            modernBody("1", "tools/call", R"("name":"sysinfo_sample","arguments":{"seconds":0.2,"samples":2})");
        const std::string meta = R"("_meta":{)"; // with progress the stream begins before the answer
        body.insert(body.find(meta) + meta.size(), R"("progressToken":1,)");
        const HttpReply streamed = exchange(server->port(), "POST", "/mcp", streaming, body);
        CPPUNIT_ASSERT_EQUAL(200, streamed.status);
        CPPUNIT_ASSERT_MESSAGE(streamed.body, streamed.body.find("notifications/progress") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(2, counted());
        RawConnection stream(server->port());
        stream.send(request("GET", "/sse", {{"Accept", "text/event-stream"}}));
        (void)stream.receiveHead();
        const std::string endpoint = stream.receiveEvent();
        CPPUNIT_ASSERT_EQUAL(202, exchange(server->port(), "POST", endpoint, {{"Content-Type", "application/json"}},
                                           legacyBody("1", "ping"))
                                      .status);
        CPPUNIT_ASSERT(!stream.receiveEvent().empty());
        CPPUNIT_ASSERT_EQUAL(3, counted());
        const std::string text = exchange(server->port(), "GET", "/metrics").body;
        CPPUNIT_ASSERT_MESSAGE(text, text.find(R"(session_duration_seconds_bucket{le="86400"})") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void prometheusScrapesWithAToken()
    {
        const TemporaryFolder folder;
        // As conf/monitoring/prometheus.yml says it; the other SHA-256 is that of "team".
        const auto server = ServerProcess::serve(
            {"--auth.type=bearer", std::string("--auth.token.prometheus.sha256=") + SCRAPER,
             "--auth.token.prometheus.type=metrics", "--auth.types.metrics.tools=", "--auth.types.metrics.resources=",
             "--auth.types.metrics.prompts=", "--auth.types.metrics.stats=true",
             "--auth.token.team.sha256=ca8b22d0db83a22db163b560b3e4e51527e533d31d067b614a0c33c4d2df8432"});
        CPPUNIT_ASSERT_EQUAL(401, exchange(server->port(), "GET", "/metrics").status);
        CPPUNIT_ASSERT_EQUAL(403,
                             exchange(server->port(), "GET", "/metrics", {{"Authorization", "Bearer team"}}).status);
        const HttpReply call = exchange(
            server->port(), "POST", "/mcp",
            []
            {
                Headers headers = modernHeaders("tools/call", "clock_now");
                headers["Authorization"] = "Bearer scraper";
                return headers;
            }(),
            modernBody("1", "tools/call", R"("name":"clock_now")"));
        CPPUNIT_ASSERT_MESSAGE("who may scrape may do nothing else", errorCode(call.body) == -32602);
        use(server->port(), {{"Authorization", "Bearer team"}});

        std::string page = fileText(TENON_TEST_CONF "/monitoring/prometheus.yml");
        const auto put = [&page](const std::string& from, const std::string& to)
        {
            const auto at = page.find(from);
            CPPUNIT_ASSERT_MESSAGE(from, at != std::string::npos);
            page.replace(at, from.size(), to);
        };
        put("scrape_interval: 15s", "scrape_interval: 1s");
        put("127.0.0.1:8080", "127.0.0.1:" + std::to_string(server->port()));
        put("# authorization:", "authorization:");
        put("#   credentials_file: /etc/prometheus/tenon.token",
            "  credentials_file: " + folder.write("token", "scraper"));
        const std::uint16_t port = freePort();
        Program prometheus("prometheus", {"--config.file=" + folder.write("prometheus.yml", page),
                                          "--storage.tsdb.path=" + folder.path("data"),
                                          "--web.listen-address=127.0.0.1:" + std::to_string(port)});
        prometheus.awaitPort(port);
        CPPUNIT_ASSERT_MESSAGE(
            prometheus.output(),
            eventually([&] { return query(port, "up{job=\"tenon\"} == 1").find("\"value\"") != std::string::npos; }));

        for (std::string expression : dashboardExpressions())
        {
            for (const auto& [from, to] :
                 {std::pair<std::string, std::string>("$__rate_interval", "1m"), {"$job", ".*"}, {"$instance", ".*"}})
                for (auto at = expression.find(from); at != std::string::npos; at = expression.find(from))
                    expression.replace(at, from.size(), to);
            CPPUNIT_ASSERT_MESSAGE(expression,
                                   query(port, expression).find("\"status\":\"success\"") != std::string::npos);
            for (const std::string& name : namesIn(expression))
                CPPUNIT_ASSERT_MESSAGE(name + " is on the dashboard, and nowhere else",
                                       query(port, name).find("\"value\"") != std::string::npos);
        }
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PrometheusTest);

// /ready, /stats and /metrics tell of plugins that fare badly.
#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>

using namespace tenon::tests;

class RequiredPluginTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RequiredPluginTest);
    CPPUNIT_TEST(aMissingOneIsNotReady);
    CPPUNIT_TEST(aQuarantinedOneIsNotReady);
    CPPUNIT_TEST_SUITE_END();

public:
    void aMissingOneIsNotReady()
    {
        const auto server = ServerProcess::serve({"--plugins.required=clock,absent"});
        const HttpReply ready = exchange(server->port(), "GET", "/ready");
        CPPUNIT_ASSERT_EQUAL(503, ready.status);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"status":"degraded","missing_plugins":["absent"]})"), ready.body);
        CPPUNIT_ASSERT_EQUAL(200, exchange(server->port(), "GET", "/health").status);
        assertServes(server->port());
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void aQuarantinedOneIsNotReady()
    {
        const TemporaryFolder folder;
        std::filesystem::copy(TENON_TEST_FIXTURES "/crashes.so", folder.path("crashes.so"));
        const auto server =
            ServerProcess::serve({"--plugins.directory=" + folder.path(), "--plugins.required=crashes",
                                  "--plugin.crashes.isolation=process", "--plugin.crashes.maxCrashes=2"});
        CPPUNIT_ASSERT_EQUAL(200, exchange(server->port(), "GET", "/ready").status);
        HttpReply metrics = exchange(server->port(), "GET", "/metrics");
        CPPUNIT_ASSERT(metrics.body.find("tenon_plugin_up{plugin=\"crashes\"} 1\n") != std::string::npos);
        for (int at = 0; at < 2; ++at)
            (void)modernRequest(server->port(), "tools/call", R"("name":"crash")", "crash");
        CPPUNIT_ASSERT(eventually([&] { return exchange(server->port(), "GET", "/ready").status == 503; }));
        const HttpReply ready = exchange(server->port(), "GET", "/ready");
        CPPUNIT_ASSERT_MESSAGE(ready.body, ready.body.find("\"missing_plugins\":[\"crashes\"]") != std::string::npos);
        const HttpReply stats = exchange(server->port(), "GET", "/stats");
        CPPUNIT_ASSERT_MESSAGE(stats.body, stats.body.find("\"state\":\"quarantined\"") != std::string::npos);
        metrics = exchange(server->port(), "GET", "/metrics");
        for (const char* line :
             {"tenon_plugin_up{plugin=\"crashes\"} 0\n", "tenon_plugin_crashes_total{plugin=\"crashes\"} 2\n"})
            CPPUNIT_ASSERT_MESSAGE(metrics.body, metrics.body.find(line) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RequiredPluginTest);

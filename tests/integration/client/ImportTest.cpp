#include "TryingServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

/// The configuration of an MCP client as settings of servers behind this one.
class ImportTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ImportTest);
    CPPUNIT_TEST(makesSettings);
    CPPUNIT_TEST(saysWhatItCannotTakeOver);
    CPPUNIT_TEST(keepsWhatIsSwitchedOffSo);
    CPPUNIT_TEST(keepsWebSockets);
    CPPUNIT_TEST(takesThoseOfProjects);
    CPPUNIT_TEST(saysThatAFileIsNone);
    CPPUNIT_TEST_SUITE_END();

    TryingServer _trying;

public:
    void makesSettings()
    {
        _trying.home().write("mcp.json", R"({"mcpServers":{
          "files":{"command":"npx","args":["-y","a server","x,y"],"env":{"TOKEN":"${SECRET}"},"cwd":"/srv"},
          "docs":{"type":"sse","url":"https://docs.example/sse","headers":{"X-Key":"${KEY}"}}}})");
        const Outcome outcome = _trying.run({"import", _trying.home().path("mcp.json")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.err, 0, outcome.status);
        CPPUNIT_ASSERT_EQUAL(std::string("upstream.files.command = npx -y \"a server\" x,y\n"
                                         "upstream.files.cwd = /srv\n"
                                         "upstream.files.env.TOKEN = ${SECRET}\n"
                                         "\n"
                                         "upstream.docs.url = https://docs.example/sse\n"
                                         "upstream.docs.sse = true\n"
                                         "upstream.docs.headers.X-Key = ${KEY}\n"
                                         "\n"),
                             outcome.out);
    }

    void saysWhatItCannotTakeOver()
    {
        _trying.home().write("mcp.json", R"({"servers":{
          "asks":{"command":"run","args":["${input:token}"]},
          "nothing":{},
          "a.b":{"command":"run"},
          "a-b":{"command":"run","args":["line\nbreak"]}}})");
        const Outcome outcome = _trying.run({"import", _trying.home().path("mcp.json")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.err, 0, outcome.status);
        CPPUNIT_ASSERT_EQUAL(std::string("upstream.a-b.command = run\n\n"), outcome.out);
        for (const char* said : {"asks: not taken over: it needs the input \"token\"", "nothing: not taken over",
                                 "a.b: it is called a-b in the settings", "a-b: not taken over", "1 server taken over"})
            CPPUNIT_ASSERT_MESSAGE(outcome.err, outcome.err.find(said) != std::string::npos);
    }

    void keepsWhatIsSwitchedOffSo()
    {
        _trying.home().write("mcp.json", R"({"mcpServers":{
          "off":{"command":"/opt/my server/run","disabled":true},
          "on":{"command":"run","disabled":false,"envFile":".env"}}})");
        const Outcome outcome = _trying.run({"import", _trying.home().path("mcp.json")});
        CPPUNIT_ASSERT_EQUAL(std::string("upstream.off.command = \"/opt/my server/run\"\n"
                                         "upstream.off.enabled = false\n\n"
                                         "upstream.on.command = run\n\n"),
                             outcome.out);
        for (const char* said : {"off: it is switched off", "on: the variables in .env are left out"})
            CPPUNIT_ASSERT_MESSAGE(outcome.err, outcome.err.find(said) != std::string::npos);
        // The server takes what is printed.
        const std::string file =
            _trying.home().write("tenon.properties", "plugins.directory =\nhttp.port = 0\n" + outcome.out);
        const Outcome check = _trying.run({"validate-config", "--config=" + file});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(check.err, 0, check.status);
    }

    void keepsWebSockets()
    {
        _trying.home().write("mcp.json", R"({"servers":{"a":{"url":"wss://a.example/mcp"},"b":{"url":"ws://b:1/"}}})");
        const Outcome outcome = _trying.run({"import", _trying.home().path("mcp.json")});
        CPPUNIT_ASSERT_EQUAL(std::string("upstream.a.url = wss://a.example/mcp\n\nupstream.b.url = ws://b:1/\n\n"),
                             outcome.out);
    }

    void takesThoseOfProjects()
    {
        _trying.home().write(".claude.json", R"({"mcpServers":{"a":{"command":"run"}},"projects":{
          "/srv/one":{"mcpServers":{"b":{"command":"one"}}},"/srv/two":{"mcpServers":{"b":{"command":"two"}}},"/srv/none":{}}})");
        const Outcome outcome = _trying.run({"import", _trying.home().path(".claude.json")});
        CPPUNIT_ASSERT_EQUAL(std::string("upstream.a.command = run\n\nupstream.b.command = one\n\n"
                                         "upstream.b-2.command = two\n\n"),
                             outcome.out);
        for (const char* said : {"b: there it is for the project /srv/one alone", "3 servers taken over"})
            CPPUNIT_ASSERT_MESSAGE(outcome.err, outcome.err.find(said) != std::string::npos);
    }

    void saysThatAFileIsNone()
    {
        const Outcome outcome = _trying.run({"import", "nowhere.json"});
        CPPUNIT_ASSERT(outcome.status != 0);
        CPPUNIT_ASSERT_MESSAGE(outcome.err, outcome.err.find("nowhere.json") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ImportTest);

#include "TryingServer.h"

#include <Poco/File.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

/// Servers that other clients have in their configuration, and the completion of shells.
class ConfigurationTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ConfigurationTest);
    CPPUNIT_TEST(findsServersByName);
    CPPUNIT_TEST(findsServersOfEveryProgram);
    CPPUNIT_TEST(saysWhyAServerCannotBeUsed);
    CPPUNIT_TEST(completesForShells);
    CPPUNIT_TEST_SUITE_END();

    TryingServer _trying;

    void writeConfigurations()
    {
        _trying.home().write(".claude.json",
                             R"({"mcpServers":{"claude":{"type":"http","url":")" + _trying.url() + R"("}}})");
        _trying.home().write(".mcp.json",
                             R"({"mcpServers":{"project":{"command":"${TENON_TEST_NOTHING:-)" TENON_TEST_BINARY
                             R"(}","args":["--stdio","--plugins.directory=)" TENON_TEST_CONFORMANCE R"("]}}})");
        _trying.home().write("mcp.json", "{}");
    }

public:
    void findsServersByName()
    {
        writeConfigurations();
        for (const char* name : {"claude", "project"})
        {
            const Outcome outcome = _trying.run({"call", name, "greet", "name=Ada"});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.err, 0, outcome.status);
            CPPUNIT_ASSERT(outcome.out.find("Ada") != std::string::npos);
        }
    }

    /// Each in the form and place in which its program keeps it.
    void findsServersOfEveryProgram()
    {
        const std::string http = R"({"type":"http","url":")" + _trying.url() + R"("})";
        const std::string program = R"({"command":")" TENON_TEST_BINARY
                                    R"(","args":["--stdio","--plugins.directory=)" TENON_TEST_CONFORMANCE R"("]})";
        const auto& home = _trying.home();
        for (const char* folder : {"config", "config/Claude", "config/Code", "config/Code/User", ".cursor", ".vscode"})
            Poco::File(home.path(folder)).createDirectories();
        home.write(".claude.json", R"({"numStartups":3,"mcpServers":{"code-user":)" + http + R"(},"projects":{")" +
                                       home.path() + R"(":{"mcpServers":{"code-local":)" + program + R"(}}}})");
        home.write(".mcp.json", R"({"mcpServers":{"code-project":)" + http + "}}");
        home.write("config/Claude/claude_desktop_config.json", R"({"mcpServers":{"desktop":)" + program + "}}");
        home.write(".cursor/mcp.json", R"({"mcpServers":{"cursor":{"url":")" + _trying.url() + R"("}}})");
        home.write(".vscode/mcp.json", R"({"inputs":[],"servers":{"vscode-folder":)" + http + "}}");
        home.write("config/Code/User/mcp.json",
                   R"({"servers":{"vscode-user":{"type":"stdio",)" + program.substr(1) + "}}");
        home.write("config/Code/User/settings.json",
                   "{\n  // as it was before\n  \"editor.tabSize\": 4,\n  \"mcp\": {\"servers\": {\"vscode-old\": " +
                       http + ",},},\n}");
        for (const char* name : {"code-user", "code-local", "code-project", "desktop", "cursor", "vscode-folder",
                                 "vscode-user", "vscode-old"})
        {
            const Outcome outcome = _trying.run({"call", name, "greet", "name=Ada"});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(name + outcome.err, 0, outcome.status);
            CPPUNIT_ASSERT_MESSAGE(name + outcome.out, outcome.out.find("Ada") != std::string::npos);
        }
    }

    void saysWhyAServerCannotBeUsed()
    {
        writeConfigurations();
        _trying.home().write(".mcp.json",
                             "{ // comments are allowed\n\"mcpServers\": {\"asks\": {\"url\": \"http://x/\", "
                             "\"headers\": {\"A\": \"${input:key}\",},},},}");
        Outcome outcome = _trying.run({"list", "asks"});
        CPPUNIT_ASSERT_EQUAL(2, outcome.status);
        CPPUNIT_ASSERT_MESSAGE(outcome.err, outcome.err.find("input \"key\"") != std::string::npos);
        outcome = _trying.run({"list", "nobody"});
        CPPUNIT_ASSERT_EQUAL(2, outcome.status);
        CPPUNIT_ASSERT_MESSAGE(outcome.err, outcome.err.find("asks, claude") != std::string::npos);
    }

    void completesForShells()
    {
        writeConfigurations();
        const auto completed = [&](std::vector<std::string> words)
        {
            words.insert(words.begin(), {"complete", "--"});
            return _trying.run(words).out;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("project\n"), completed({"call", "pro"}));
        CPPUNIT_ASSERT_EQUAL(std::string("greet\n"), completed({"call", "claude", "gree"}));
        CPPUNIT_ASSERT_EQUAL(std::string("name=\n"), completed({"call", _trying.url(), "greet", ""}));
        CPPUNIT_ASSERT_EQUAL(std::string("name=\n"),
                             completed({"call", "--quiet", _trying.url(), "--output=json", "greet", "n"}));
        CPPUNIT_ASSERT_EQUAL(std::string("--out=\n--output=\n"), completed({"call", "claude", "--out"}));
        CPPUNIT_ASSERT_EQUAL(std::string("tools\ntemplates\n"), completed({"list", "claude", "t"}));
        CPPUNIT_ASSERT(completed({"read", "claude", "test://"}).find("test://static-text\n") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string(), completed({"call", "http://127.0.0.1:1/", "x"}));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfigurationTest);

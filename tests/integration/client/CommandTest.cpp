#include "TryingServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

class CommandTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CommandTest);
    CPPUNIT_TEST(listsOverEveryTransport);
    CPPUNIT_TEST(callsWithConvertedArguments);
    CPPUNIT_TEST(namesTheParameterThatDoesNotFit);
    CPPUNIT_TEST(takesArgumentsAsJson);
    CPPUNIT_TEST(savesMedia);
    CPPUNIT_TEST(saysByItsStatusHowItWent);
    CPPUNIT_TEST(writesForPrograms);
    CPPUNIT_TEST(readsResourcesAndPrompts);
    CPPUNIT_TEST(showsProgressOnATerminal);
    CPPUNIT_TEST(isInterrupted);
    CPPUNIT_TEST(speaksEveryRevision);
    CPPUNIT_TEST(followsTasks);
    CPPUNIT_TEST(showsTheWireWithoutSecrets);
    CPPUNIT_TEST(looksAtAServerFromOutside);
    CPPUNIT_TEST_SUITE_END();

    TryingServer _trying;

    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE("no \"" + part + "\" in:\n" + text, text.find(part) != std::string::npos);
    }

    static std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more)
    {
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

public:
    void listsOverEveryTransport()
    {
        const std::string sse = "http://127.0.0.1:" + std::to_string(_trying.server().port()) + "/sse";
        const std::vector<std::vector<std::string>> targets{
            {"list", _trying.url()}, with({"list"}, TryingServer::command()), {"list", "--sse", sse}, {"list", sse}};
        for (const auto& target : targets)
        {
            const Outcome outcome = _trying.run(target);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.err, 0, outcome.status);
            contains(outcome.out, "Tools");
            contains(outcome.out, "test_simple_text");
            contains(outcome.out, "Prompts");
        }
    }

    void callsWithConvertedArguments()
    {
        const Outcome outcome = _trying.run({"call", _trying.url(), "greet", "name=5"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.err, 0, outcome.status);
        contains(outcome.out, "5");
        const Outcome slow =
            _trying.run({"call", _trying.url(), "slow_compute", "seconds=0.01", "label=x", "--output=json"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(slow.err, 0, slow.status);
        contains(slow.out, "\"content\":[");
    }

    void namesTheParameterThatDoesNotFit()
    {
        Outcome outcome = _trying.run({"call", _trying.url(), "slow_compute", "seconds=long", "label=x"});
        CPPUNIT_ASSERT_EQUAL(2, outcome.status);
        contains(outcome.err, "seconds takes a number, not \"long\"");
        outcome = _trying.run({"call", _trying.url(), "greet"});
        CPPUNIT_ASSERT_EQUAL(2, outcome.status);
        contains(outcome.err, "name");
        outcome = _trying.run({"call", _trying.url(), "gret", "name=x"});
        CPPUNIT_ASSERT_EQUAL(2, outcome.status);
        contains(outcome.err, "do you mean greet?");
        outcome = _trying.run({"call", _trying.url(), "greet", "justtext"});
        contains(outcome.err, "is not name=value");
        CPPUNIT_ASSERT_EQUAL(2, _trying.run({"call"}).status);
        CPPUNIT_ASSERT_EQUAL(2, _trying.run({"call", "--nonsense"}).status);
    }

    void takesArgumentsAsJson()
    {
        Outcome outcome = _trying.run({"call", _trying.url(), "greet", "--json", R"({"name":"Ada"})"});
        contains(outcome.out, "Ada");
        outcome = _trying.run({"call", _trying.url(), "greet", "-"}, R"({"name":"Bob"})");
        contains(outcome.out, "Bob");
        outcome = _trying.run({"call", _trying.url(), "greet", R"(name:="Eve")"});
        contains(outcome.out, "Eve");
        const std::string file = _trying.home().write("name.txt", "Zoe");
        outcome = _trying.run({"call", _trying.url(), "greet", "name=@" + file});
        contains(outcome.out, "Zoe");
        CPPUNIT_ASSERT_EQUAL(2, _trying.run({"call", _trying.url(), "greet", "--json", "[1]"}).status);
    }

    void savesMedia()
    {
        Outcome outcome = _trying.run({"call", _trying.url(), "test_image_content"});
        contains(outcome.out, "[image image/png, ");
        const std::string folder = _trying.home().path("out");
        outcome = _trying.run({"call", _trying.url(), "test_image_content", "--out", folder});
        contains(outcome.out, "saved as " + folder);
        CPPUNIT_ASSERT_EQUAL(std::string("\x89PNG"), _trying.home().read("out/image-1.png").substr(0, 4));
    }

    void saysByItsStatusHowItWent()
    {
        const Outcome failed = _trying.run({"call", _trying.url(), "test_error_handling"});
        CPPUNIT_ASSERT_EQUAL(1, failed.status);
        CPPUNIT_ASSERT(!failed.err.empty());
        CPPUNIT_ASSERT_EQUAL(std::string(), failed.out);
        CPPUNIT_ASSERT_EQUAL(3, _trying.run({"list", "http://127.0.0.1:1/mcp"}).status);
        CPPUNIT_ASSERT_EQUAL(3, _trying.run({"list", "--", "/nowhere/at/all"}).status);
        CPPUNIT_ASSERT_EQUAL(1, _trying.run({"read", _trying.url(), "no://such"}).status);
        const Outcome late = _trying.run(
            {"call", _trying.url(), "test_await_cancellation", "label=x", "--timeout=0.3", "--revision=2025-06-18"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(late.err + late.out, 5, late.status);
        const auto locked = ServerProcess::serve(
            {"--auth.type=bearer",
             "--auth.token.me.sha256=3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9"});
        const std::string url = "http://127.0.0.1:" + std::to_string(locked->port()) + "/mcp";
        CPPUNIT_ASSERT_EQUAL(4, _trying.run({"list", url}).status);
        const Outcome let = _trying.run({"list", url, "--token", "0123456789abcdef0123456789abcdef"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(let.err, 0, let.status);
    }

    void writesForPrograms()
    {
        const Outcome json = _trying.run({"list", _trying.url(), "tools", "--output", "json"});
        CPPUNIT_ASSERT_EQUAL(std::string("{\"server\":"), json.out.substr(0, 10));
        contains(json.out, "\"inputSchema\"");
        const Outcome lines = _trying.run({"call", _trying.url(), "test_tool_with_progress", "--output=ndjson"});
        contains(lines.out, "{\"progress\":{\"progress\":");
        contains(lines.out, "{\"result\":{");
        CPPUNIT_ASSERT_EQUAL(2, _trying.run({"list", _trying.url(), "--output", "xml"}).status);
    }

    void readsResourcesAndPrompts()
    {
        const Outcome read = _trying.run({"read", _trying.url(), "test://static-text"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(read.err, 0, read.status);
        CPPUNIT_ASSERT(!read.out.empty());
        const Outcome prompt =
            _trying.run({"prompt", _trying.url(), "test_prompt_with_arguments", "arg1=eins", "arg2=zwei"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(prompt.err, 0, prompt.status);
        contains(prompt.out, "eins");
        contains(prompt.out, "user:");
    }

    void showsProgressOnATerminal()
    {
        const auto terminal = _trying.start({"call", _trying.url(), "test_tool_with_progress"});
        CPPUNIT_ASSERT_EQUAL(0, terminal->waitForEnd());
        contains(terminal->shown(), "[==");
        contains(terminal->shown(), "% ");
    }

    void isInterrupted()
    {
        const auto terminal = _trying.start({"call", _trying.url(), "test_await_cancellation", "label=x", "--trace"});
        terminal->waitFor("\"tools/call\"");
        terminal->type("\x03");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(terminal->shown(), 130, terminal->waitForEnd());
    }

    void speaksEveryRevision()
    {
        for (const char* revision : {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"})
        {
            const Outcome child = _trying.run(with({"list", "tools", "--revision", revision}, TryingServer::command()));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(child.err, 0, child.status);
            contains(child.out, std::string("revision ") + revision);
            const Outcome outcome = _trying.run({"list", _trying.url(), "tools", "--revision", revision});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.err, 0, outcome.status);
            contains(outcome.out, std::string("revision ") + revision);
        }
    }

    void followsTasks()
    {
        const Outcome outcome = _trying.run({"call", _trying.url(), "multi_input", "--answer", R"({"name":"x"})"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.err, 0, outcome.status);
        contains(outcome.out, "x");
        CPPUNIT_ASSERT_EQUAL(1, _trying.run({"call", _trying.url(), "failing_job"}).status);
    }

    void showsTheWireWithoutSecrets()
    {
        const Outcome outcome = _trying.run({"list", _trying.url(), "tools", "--trace", "--token", "very-secret"});
        contains(outcome.err, "server/discover");
        contains(outcome.err, "Authorization: Bearer ...");
        CPPUNIT_ASSERT(outcome.err.find("very-secret") == std::string::npos);
    }

    void looksAtAServerFromOutside()
    {
        Outcome outcome = _trying.run({"doctor", _trying.url()});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.out + outcome.err, 0, outcome.status);
        contains(outcome.out, "ok    server/discover: revisions 2026-07-28");
        contains(outcome.out, "ok    initialize: ");
        outcome = _trying.run({"doctor", "http://127.0.0.1:1/mcp"});
        CPPUNIT_ASSERT_EQUAL(1, outcome.status);
        contains(outcome.out, "FAIL  nothing answers");
        CPPUNIT_ASSERT_EQUAL(2, _trying.run({"doctor", "--", "true"}).status);
        contains(_trying.run({"doctor", "--help"}).out, "--header");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CommandTest);

#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>

namespace tenon::tests
{

/// `tenon plugin run`: one tool of one library, as a client of a server would have it.
class PluginRunTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PluginRunTest);
    CPPUNIT_TEST(callsOneTool);
    CPPUNIT_TEST(answersFromAFile);
    CPPUNIT_TEST(keepsTheToolsDeadline);
    CPPUNIT_TEST(tellsOfCrashes);
    CPPUNIT_TEST_SUITE_END();

    static std::string fixture(const std::string& name) { return TENON_TEST_FIXTURES "/" + name + ".so"; }

    static Finished run(const std::string& plugin, std::vector<std::string> rest)
    {
        std::vector<std::string> arguments = {"plugin", "run", fixture(plugin)};
        arguments.insert(arguments.end(), rest.begin(), rest.end());
        return runToEnd(arguments);
    }

    static void contains(const std::string& text, const std::string& part)
    {
        CPPUNIT_ASSERT_MESSAGE("no \"" + part + "\" in:\n" + text, text.find(part) != std::string::npos);
    }

public:
    void callsOneTool()
    {
        Finished done = run("echo", {"echo", "text=hi"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(done.error, 0, done.status);
        CPPUNIT_ASSERT_EQUAL(std::string("hi\n"), done.output);
        done = run("echo", {"echo", R"({"text":"hi"})", "--json"});
        contains(done.output, R"("content":[{"type":"text","text":"hi"}])");
        contains(run("echo", {"setting", "text=colour", "--set=colour=blue"}).output, "blue");
        CPPUNIT_ASSERT_EQUAL(2, run("echo", {"echo"}).status); // the text is missing
        CPPUNIT_ASSERT_EQUAL(2, run("echo", {"nothing"}).status);
        CPPUNIT_ASSERT_EQUAL(1, run("echo", {"fail"}).status);
        contains(run("prints_to_stdout", {"print"}).error, "printed: printed at start");
    }

    void answersFromAFile()
    {
        const TemporaryFolder folder;
        const std::string one = folder.write("one.json", R"({"name":"Ada"})");
        contains(run("echo", {"ask", "--answers=" + one}).output, "Ada");
        const std::string turns = folder.write("turns.json", R"([{"name":7},{"name":"Eve"}])");
        const Finished done = run("echo", {"ask", "--answers=" + turns});
        contains(done.output, "Eve");
        contains(done.error, "The last answer could not be used");
        CPPUNIT_ASSERT_EQUAL(2, run("echo", {"ask", "--answers=" + folder.write("none.json", "7")}).status);
    }

    void keepsTheToolsDeadline()
    {
        const auto begin = std::chrono::steady_clock::now();
        const Finished done = run("echo", {"serial", "ms=60000"}); // which declares 1,234 ms
        CPPUNIT_ASSERT_EQUAL(1, done.status);
        contains(done.output + done.error, "1234 ms");
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
    }

    void tellsOfCrashes()
    {
        const Finished done = run("crashes", {"crash"});
        CPPUNIT_ASSERT_EQUAL(1, done.status);
        contains(done.output + done.error, "the plugin 'crashes' crashed (error id");
        contains(done.error, "its worker crashed: ");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginRunTest);

} // namespace tenon::tests

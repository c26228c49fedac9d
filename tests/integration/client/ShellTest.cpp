#include "TryingServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

class ShellTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ShellTest);
    CPPUNIT_TEST(completesToolsAndParameters);
    CPPUNIT_TEST(keepsItsHistory);
    CPPUNIT_TEST(runsAScript);
    CPPUNIT_TEST_SUITE_END();

    TryingServer _trying;

public:
    void completesToolsAndParameters()
    {
        const auto terminal = _trying.start({"shell", _trying.url()});
        terminal->waitFor("tenon>");
        terminal->type("gre\t");
        terminal->waitFor("et "); // what was missing; the cursor is moved in between
        terminal->type("na\t");
        terminal->waitFor("me=");
        terminal->type("Ada\n");
        terminal->waitFor("Ada");
        terminal->waitFor("tenon>");
        terminal->type("exit\n");
        CPPUNIT_ASSERT_EQUAL(0, terminal->waitForEnd());
    }

    void keepsItsHistory()
    {
        for (const char* typed : {"greet name=Grace\n", "\x1b[A\x1b[A\n"})
        {
            const auto terminal = _trying.start({"shell", _trying.url()});
            terminal->waitFor("tenon>");
            terminal->type(typed);
            terminal->waitFor("Grace");
            terminal->waitFor("Grace");
            terminal->waitFor("tenon>");
            terminal->type("exit\n");
            CPPUNIT_ASSERT_EQUAL(0, terminal->waitForEnd());
        }
    }

    void runsAScript()
    {
        const Outcome outcome =
            _trying.run({"shell", _trying.url()},
                        "# a comment\n\ngreet name=\"Ada L\"\nlist prompts\ndescribe greet\nnope\nstatus\n");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.err, 0, outcome.status);
        for (const char* part : {"Ada L", "Prompts", "name*", "ready"})
            CPPUNIT_ASSERT_MESSAGE(outcome.out, outcome.out.find(part) != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(outcome.err, outcome.err.find("no tool nope") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(1, _trying.run({"shell", _trying.url()}, "nope\n").status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ShellTest);

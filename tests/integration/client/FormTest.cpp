#include "TryingServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

class FormTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FormTest);
    CPPUNIT_TEST(asksAtThePrompt);
    CPPUNIT_TEST(offersDefaults);
    CPPUNIT_TEST(asksAgainForWhatDoesNotFit);
    CPPUNIT_TEST(declines);
    CPPUNIT_TEST(isAnsweredBeforehand);
    CPPUNIT_TEST(asksNobodyWithoutATerminal);
    CPPUNIT_TEST_SUITE_END();

    TryingServer _trying;

public:
    void asksAtThePrompt()
    {
        for (const char* revision : {"2025-06-18", "2026-07-28"})
        {
            const auto terminal = _trying.start(
                {"call", _trying.url(), "test_elicitation", "message=Who are you?", "--revision", revision});
            terminal->waitFor("Who are you?");
            terminal->waitFor("username");
            terminal->type("ada\n");
            terminal->waitFor("email");
            terminal->type("ada@example.org\n");
            terminal->waitFor("Send?");
            terminal->type("\n");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(terminal->shown(), 0, terminal->waitForEnd());
            terminal->waitFor("accept");
            terminal->waitFor("ada@example.org");
        }
    }

    void offersDefaults()
    {
        const auto terminal = _trying.start({"call", _trying.url(), "test_elicitation_sep1034_defaults"});
        terminal->waitFor("[John Doe]");
        for (const char* next : {"[30]", "[95.5]", "[active]", "[true]"})
        {
            terminal->type("\n");
            terminal->waitFor(next);
        }
        terminal->type("no\n");
        terminal->waitFor("Send?");
        terminal->type("y\n");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(terminal->shown(), 0, terminal->waitForEnd());
        terminal->waitFor("John Doe");
    }

    void asksAgainForWhatDoesNotFit()
    {
        const auto terminal = _trying.start({"call", _trying.url(), "test_elicitation_sep1034_defaults"});
        terminal->waitFor("[John Doe]");
        terminal->type("\n");
        terminal->waitFor("[30]");
        terminal->type("old\n");
        terminal->waitFor("takes a whole number, not \"old\"");
        terminal->waitFor("[30]");
        terminal->type("\x04");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(terminal->shown(), 0, terminal->waitForEnd());
        terminal->waitFor("cancel");
    }

    void declines()
    {
        const auto terminal = _trying.start({"call", _trying.url(), "test_elicitation", "message=m"});
        terminal->waitFor("username");
        terminal->type("a\n");
        terminal->waitFor("email");
        terminal->type("b@c.d\n");
        terminal->waitFor("Send?");
        terminal->type("n\n");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(terminal->shown(), 0, terminal->waitForEnd());
        terminal->waitFor("decline");
    }

    void isAnsweredBeforehand()
    {
        const Outcome outcome = _trying.run({"call", _trying.url(), "test_elicitation", "message=m", "--answer",
                                             R"({"username":"bob","email":"b@c.d"})"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.err, 0, outcome.status);
        CPPUNIT_ASSERT_MESSAGE(outcome.out, outcome.out.find("bob") != std::string::npos);
    }

    void asksNobodyWithoutATerminal()
    {
        const Outcome outcome = _trying.run({"call", _trying.url(), "test_elicitation", "message=m"});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(outcome.out + outcome.err, 1, outcome.status);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FormTest);

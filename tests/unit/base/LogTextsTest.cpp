#include "base/text/LogEscape.h"
#include "base/text/LogLevels.h"

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Logger.h>

using namespace tenon::base;

class LogTextsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LogTextsTest);
    CPPUNIT_TEST(aValueCannotPassForALineOfOurs);
    CPPUNIT_TEST(bytesThatAreNoUtf8AreEscaped);
    CPPUNIT_TEST(aCutIsNeverInsideACharacter);
    CPPUNIT_TEST(aMessageKeepsItsQuotes);
    CPPUNIT_TEST(levelsAreTheProtocolsAndTheChoiceOfSettings);
    CPPUNIT_TEST_SUITE_END();

public:
    void aValueCannotPassForALineOfOurs()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a\\x0ab\\x1b\\x7f\\x22\\x5c"), logEscaped("a\nb\x1b\x7f\"\\"));
        CPPUNIT_ASSERT_EQUAL(std::string("\\xc2\\x9b and \xc2\xa9 \xe2\x82\xac"),
                             logEscaped("\xc2\x9b and \xc2\xa9 \xe2\x82\xac"));
    }

    void bytesThatAreNoUtf8AreEscaped()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("caf\\xe9 \\xff\\xe2\\x82"), logEscaped("caf\xe9 \xff\xe2\x82"));
        std::string out;
        appendLogMessage(out, "\xc3\xa9\xe9\n\xed\xa0\x80");
        CPPUNIT_ASSERT_EQUAL(std::string("\xc3\xa9\\xe9\\n\\xed\\xa0\\x80"), out);
    }

    void aCutIsNeverInsideACharacter()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("ab..."), logEscaped("ab\xe2\x82\xac", 4));
        CPPUNIT_ASSERT_EQUAL(std::string("ab\xe2\x82\xac"), logEscaped("ab\xe2\x82\xac", 5));
        CPPUNIT_ASSERT_EQUAL(std::string("..."), logEscaped("abc", 0));
        CPPUNIT_ASSERT_EQUAL(std::size_t(303), forLog(std::string(5000, 'x')).size());
    }

    void aMessageKeepsItsQuotes()
    {
        std::string out;
        appendLogMessage(out, "'\"\\x1b' \n\x1b\xc2\x85");
        CPPUNIT_ASSERT_EQUAL(std::string("'\"\\x1b' \\n\\x1b\\xc2\\x85"), out);
    }

    void levelsAreTheProtocolsAndTheChoiceOfSettings()
    {
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), logLevelOf("warning").value());
        CPPUNIT_ASSERT(!logLevelOf("Warning") && !logLevelOf("information"));
        std::string choice;
        for (std::size_t priority = 0; priority < PRIORITY_NAMES.size(); ++priority)
        {
            (choice += choice.empty() ? "" : "|") += PRIORITY_NAMES[priority];
            CPPUNIT_ASSERT_EQUAL(static_cast<int>(priority),
                                 Poco::Logger::parseLevel(std::string(PRIORITY_NAMES[priority])));
        }
        CPPUNIT_ASSERT_EQUAL(std::string(PRIORITY_CHOICE), choice);
        std::string names;
        for (std::size_t level = 0; level < LOG_LEVELS.size(); ++level)
            (names += level == 0 ? "" : level + 1 < LOG_LEVELS.size() ? ", " : " or ") += LOG_LEVELS[level].name;
        CPPUNIT_ASSERT_EQUAL(std::string(LOG_LEVEL_NAMES), names);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogTextsTest);

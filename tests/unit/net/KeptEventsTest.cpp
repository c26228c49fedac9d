#include "net/mcp/KeptEvents.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using net::KeptEvents;

class KeptEventsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(KeptEventsTest);
    CPPUNIT_TEST(givesWhatFollows);
    CPPUNIT_TEST(dropsTheOldest);
    CPPUNIT_TEST(keepsTheNewestWhateverItMeasures);
    CPPUNIT_TEST_SUITE_END();

    base::Budget _budget{base::Budget::UNLIMITED};

public:
    void givesWhatFollows()
    {
        KeptEvents kept(10000, _budget);
        CPPUNIT_ASSERT(kept.after(0) && kept.after(0)->empty());
        CPPUNIT_ASSERT(!kept.after(1));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), kept.append("a", "one"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), kept.append("b", "two"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), kept.after(0)->size());
        CPPUNIT_ASSERT_EQUAL(std::string("two"), kept.after(1)->front()->data);
        CPPUNIT_ASSERT(kept.after(2)->empty());
        CPPUNIT_ASSERT(!kept.after(3));
        CPPUNIT_ASSERT(_budget.used() > 0);
    }

    void dropsTheOldest()
    {
        KeptEvents kept(1'000'000, _budget);
        for (std::size_t at = 0; at < KeptEvents::MAX_EVENTS + 10; ++at)
            kept.append("", "x");
        CPPUNIT_ASSERT(!kept.after(9));
        CPPUNIT_ASSERT_EQUAL(KeptEvents::MAX_EVENTS, kept.after(10)->size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(10), kept.oldest());
    }

    void keepsTheNewestWhateverItMeasures()
    {
        {
            KeptEvents kept(500, _budget);
            kept.append("", "x");
            kept.append("", std::string(1000, 'y'));
            CPPUNIT_ASSERT(!kept.after(0));
            CPPUNIT_ASSERT_EQUAL(std::size_t(1), kept.after(1)->size());
        }
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), _budget.used());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(KeptEventsTest);

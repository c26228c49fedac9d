#include "net/io/UnreadAnswers.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>

using namespace tenon;
using namespace tenon::net;

class UnreadAnswersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(UnreadAnswersTest);
    CPPUNIT_TEST(nobodyGoesWhileThereIsMemory);
    CPPUNIT_TEST(whoTookNothingForLongestGoesFirst);
    CPPUNIT_TEST(theHolderThatHasMostGoesFirst);
    CPPUNIT_TEST(noMoreGoThanHaveTo);
    CPPUNIT_TEST(answersAreSparedWhereOthersHoldTheMemory);
    CPPUNIT_TEST(givesAllBack);
    CPPUNIT_TEST_SUITE_END();

    base::Budget _budget{800};
    UnreadAnswers _all{_budget};

public:
    void nobodyGoesWhileThereIsMemory()
    {
        UnreadAnswers::Place place(_all, 1, 0);
        place.add(699);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(0), _all.nextToGo());
        CPPUNIT_ASSERT(!place.mustGo());
    }

    void whoTookNothingForLongestGoesFirst()
    {
        UnreadAnswers::Place first(_all, 1, 0), second(_all, 2, 0), third(_all, 3, 0);
        first.add(300);
        second.add(300);
        third.add(300);
        first.took(1);
        third.took(0); // a part of a text
        second.add(1); // more waits: that is not progress
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(2), _all.nextToGo());
        CPPUNIT_ASSERT(second.mustGo() && !first.mustGo() && !third.mustGo());
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(0), _all.nextToGo());
        UnreadAnswers::Place more(_all, 4, 0);
        more.add(200);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(1), _all.nextToGo());
    }

    void theHolderThatHasMostGoesFirst()
    {
        UnreadAnswers::Place old(_all, 1, 7), one(_all, 2, 8), other(_all, 3, 8);
        old.add(300);
        one.add(200);
        other.add(200);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(2), _all.nextToGo());
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(0), _all.nextToGo());
    }

    void noMoreGoThanHaveTo()
    {
        auto first = std::make_unique<UnreadAnswers::Place>(_all, 1, 0);
        UnreadAnswers::Place second(_all, 2, 0);
        first->add(400);
        second.add(400);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(1), _all.nextToGo());
        // Until it has gone, what it has is as good as free.
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(0), _all.nextToGo());
        first->add(50);
        first->took(100);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(0), _all.nextToGo());
        first.reset();
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(0), _all.nextToGo());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(400), _all.bytes());
        // One that has only begun has nothing to give.
        UnreadAnswers::Place third(_all, 3, 0);
        second.took(0);
        second.add(400);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(2), _all.nextToGo());
    }

    void answersAreSparedWhereOthersHoldTheMemory()
    {
        _budget.take(790);
        UnreadAnswers::Place place(_all, 1, 0);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(0), _all.nextToGo());
        place.add(100);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(0), _all.nextToGo());
        place.add(1);
        CPPUNIT_ASSERT_EQUAL(ConnectionRef(1), _all.nextToGo());
        _budget.give(790);
    }

    void givesAllBack()
    {
        {
            UnreadAnswers::Place one(_all, 1, 0), other(_all, 2, 1);
            one.add(500);
            other.add(600);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(1100), _budget.used());
            CPPUNIT_ASSERT_EQUAL(ConnectionRef(2), _all.nextToGo());
        }
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), _budget.used());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), _all.bytes());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UnreadAnswersTest);

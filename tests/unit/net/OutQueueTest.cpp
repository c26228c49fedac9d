#include "net/io/OutQueue.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>

using namespace tenon;
using namespace tenon::net;

class OutQueueTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(OutQueueTest);
    CPPUNIT_TEST(countsWhatIsLeft);
    CPPUNIT_TEST_SUITE_END();

public:
    void countsWhatIsLeft()
    {
        base::Budget budget(100);
        UnreadAnswers all(budget);
        OutQueue queue(all, 1, 0);
        CPPUNIT_ASSERT(queue.empty());
        const std::string_view parts[] = {"abc", "defg", "hi"};
        queue.append(parts, 4);
        CPPUNIT_ASSERT_EQUAL(std::size_t(5), queue.bytes());
        queue.append(parts, 9);
        CPPUNIT_ASSERT_EQUAL(std::size_t(5), queue.bytes());
        queue.append(std::make_shared<const std::string>("shared"));
        queue.append(std::make_shared<const std::string>());
        CPPUNIT_ASSERT_EQUAL(std::size_t(11), queue.bytes());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(11), budget.used());
        // What others keep too is not held by this queue alone.
        const auto text = std::make_shared<const std::string>("for many"), other = text;
        queue.append(text);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(13), budget.used());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OutQueueTest);

#include "plugin/call/Memories.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using tenon::plugin::Memories;

class MemoriesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MemoriesTest);
    CPPUNIT_TEST(whatWasRecalledOutlivesItsReplacement);
    CPPUNIT_TEST(theyAreLimited);
    CPPUNIT_TEST(restoredOnesCount);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatWasRecalledOutlivesItsReplacement()
    {
        Memories memories;
        std::string_view first, second;
        CPPUNIT_ASSERT(!memories.recall("k", first));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), memories.remember("k", "a"));
        CPPUNIT_ASSERT(memories.recall("k", first));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), memories.remember("k", "b"));
        CPPUNIT_ASSERT(memories.recall("k", second));
        CPPUNIT_ASSERT_EQUAL(std::string("ab"), std::string(first) + std::string(second));
    }

    void theyAreLimited()
    {
        Memories memories;
        const std::string most(Memories::MAX_BYTES - 1, 'm');
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_RESOURCES), memories.remember("kk", most));
        // What is replaced does not count for the first limit, but for the second.
        for (std::size_t replaced = 0; replaced <= Memories::MAX_REPLACED_BYTES; replaced += Memories::MAX_BYTES)
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), memories.remember("k", most));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_RESOURCES), memories.remember("k", ""));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_RESOURCES), memories.remember("l", ""));
        std::string_view kept;
        CPPUNIT_ASSERT(memories.recall("k", kept));
        CPPUNIT_ASSERT_EQUAL(most.size(), kept.size());
    }

    void restoredOnesCount()
    {
        Memories memories;
        memories.restore({{"k", std::string(Memories::MAX_BYTES - 1, 'm')}});
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_RESOURCES), memories.remember("l", ""));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), memories.remember("k", "short"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), memories.values().size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MemoriesTest);

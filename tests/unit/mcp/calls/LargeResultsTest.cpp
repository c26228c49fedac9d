#include "mcp/calls/LargeResults.h"

#include "base/limits/LargeTurn.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace tenon::mcp
{

class LargeResultsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LargeResultsTest);
    CPPUNIT_TEST(whatWasLargeIsExpectedToBe);
    CPPUNIT_TEST(oneSmallResultIsNotEnoughToForgetIt);
    CPPUNIT_TEST(namesAreLimited);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::size_t LARGE = base::LargeTurn::LARGE;

    LargeResults _results;

public:
    void whatWasLargeIsExpectedToBe()
    {
        _results.note("export", LARGE - 1);
        CPPUNIT_ASSERT(!_results.expects("export"));
        _results.note("export", LARGE);
        CPPUNIT_ASSERT(_results.expects("export") && !_results.expects("add"));
    }

    void oneSmallResultIsNotEnoughToForgetIt()
    {
        _results.note("export", LARGE);
        for (int count = 0; count < 100; ++count)
        {
            _results.note("export", 1);
            CPPUNIT_ASSERT(_results.expects("export"));
            _results.note("export", LARGE);
        }
        for (int count = 0; count < 100; ++count)
            _results.note("export", 1);
        CPPUNIT_ASSERT(!_results.expects("export"));
    }

    void namesAreLimited()
    {
        std::size_t known = 0;
        for (int count = 0; count < 1000; ++count)
            _results.note("file:///" + std::to_string(count), LARGE);
        for (int count = 0; count < 1000; ++count)
            known += _results.expects("file:///" + std::to_string(count)) ? 1 : 0;
        CPPUNIT_ASSERT_EQUAL(std::size_t(256), known);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LargeResultsTest);

} // namespace tenon::mcp

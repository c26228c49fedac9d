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
    CPPUNIT_TEST(oneHolderSaysNothingOfAnother);
    CPPUNIT_TEST(whatIsRememberedIsLimited);
    CPPUNIT_TEST_SUITE_END();

    static constexpr std::size_t LARGE = base::LargeTurn::LARGE;

    LargeResults _results;

public:
    void whatWasLargeIsExpectedToBe()
    {
        _results.note("ada", "export", LARGE - 1);
        CPPUNIT_ASSERT(!_results.expects("ada", "export"));
        _results.note("ada", "export", LARGE);
        CPPUNIT_ASSERT(_results.expects("ada", "export") && !_results.expects("ada", "add"));
    }

    void oneSmallResultIsNotEnoughToForgetIt()
    {
        _results.note("ada", "export", LARGE);
        for (int count = 0; count < 100; ++count)
        {
            _results.note("ada", "export", 1);
            CPPUNIT_ASSERT(_results.expects("ada", "export"));
            _results.note("ada", "export", LARGE);
        }
        for (int count = 0; count < 100; ++count)
            _results.note("ada", "export", 1);
        CPPUNIT_ASSERT(!_results.expects("ada", "export"));
    }

    void oneHolderSaysNothingOfAnother()
    {
        _results.note("ada", "export", LARGE);
        CPPUNIT_ASSERT(!_results.expects("bob", "export"));
        for (int count = 0; count < 100; ++count)
            _results.note("bob", "export", 1);
        CPPUNIT_ASSERT(_results.expects("ada", "export"));
    }

    void whatIsRememberedIsLimited()
    {
        std::size_t known = 0;
        for (int count = 0; count < 10'000; ++count)
            _results.note("ada", "file:///" + std::to_string(count), LARGE);
        for (int count = 0; count < 10'000; ++count)
            known += _results.expects("ada", "file:///" + std::to_string(count)) ? 1 : 0;
        CPPUNIT_ASSERT(known > 900 && known <= 1024);
        for (int times = 0; times < 8; ++times)
            for (int count = 0; count < 10'000; ++count)
                _results.note("ada", "file:///" + std::to_string(count), 1);
        for (int count = 0; count < 10'000; ++count)
            CPPUNIT_ASSERT(!_results.expects("ada", "file:///" + std::to_string(count)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LargeResultsTest);

} // namespace tenon::mcp

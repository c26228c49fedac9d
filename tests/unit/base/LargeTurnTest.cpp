#include "base/limits/LargeTurn.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <latch>
#include <thread>
#include <vector>

using tenon::base::LargeTurn;

class LargeTurnTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LargeTurnTest);
    CPPUNIT_TEST(smallTextsNeedNone);
    CPPUNIT_TEST(aThreadNeedsOne);
    CPPUNIT_TEST(fewHaveOneAtATime);
    CPPUNIT_TEST_SUITE_END();

public:
    void smallTextsNeedNone() { CPPUNIT_ASSERT(!LargeTurn(LargeTurn::LARGE - 1).taken()); }

    void aThreadNeedsOne()
    {
        {
            const LargeTurn turn(LargeTurn::LARGE);
            CPPUNIT_ASSERT(turn.taken());
            CPPUNIT_ASSERT(!LargeTurn(LargeTurn::LARGE).taken());
        }
        CPPUNIT_ASSERT(LargeTurn(LargeTurn::LARGE).taken());
    }

    void fewHaveOneAtATime()
    {
        const auto count = LargeTurn::most();
        std::latch all(count);
        std::promise<void> ending;
        const auto end = ending.get_future().share();
        std::vector<std::thread> threads;
        for (std::ptrdiff_t index = 0; index < count; ++index)
            threads.emplace_back(
                [&]
                {
                    const LargeTurn turn(LargeTurn::LARGE);
                    all.count_down();
                    end.wait();
                });
        all.wait();
        const auto taken = [] { return LargeTurn(LargeTurn::LARGE).taken(); };
        const bool beside = taken(); // waits, and goes without
        ending.set_value();
        for (auto& thread : threads)
            thread.join();
        CPPUNIT_ASSERT(!beside);
        CPPUNIT_ASSERT(taken());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LargeTurnTest);

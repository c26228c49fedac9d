#include "base/threads/ThreadStore.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <thread>

using tenon::base::ThreadStore;

namespace
{

std::atomic<int> letGo{0};

struct Sizes
{
    using Object = const std::size_t;
    static constexpr std::size_t MOST = 4;
    static constexpr std::size_t MOST_SIZE = 100;
    static std::size_t sizeOf(const std::size_t* object) { return *object; }
    static void letGo(const std::size_t*) noexcept { ++::letGo; }
};
using Store = ThreadStore<Sizes>;

} // namespace

class ThreadStoreTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ThreadStoreTest);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__MINGW32__)
    CPPUNIT_TEST(whatIsKeptComesAgain);
    CPPUNIT_TEST(noMoreIsKeptThanMay);
    CPPUNIT_TEST(aThreadThatEndsLetsGo);
#else
    CPPUNIT_TEST(nothingIsKept);
#endif
    CPPUNIT_TEST_SUITE_END();

public:
    void nothingIsKept()
    {
        const std::size_t one = 1;
        CPPUNIT_ASSERT(!Store::keep(&one) && !Store::take());
    }

    void whatIsKeptComesAgain()
    {
        const std::size_t one = 1, two = 2;
        CPPUNIT_ASSERT(!Store::take());
        CPPUNIT_ASSERT(Store::keep(&one) && Store::keep(&two));
        CPPUNIT_ASSERT(Store::take() == &two && Store::take() == &one && !Store::take());
    }

    void noMoreIsKeptThanMay()
    {
        const std::array<std::size_t, 3> large = {60, 60, 40};
        CPPUNIT_ASSERT(Store::keep(&large[0]) && !Store::keep(&large[1]) && Store::keep(&large[2]));
        CPPUNIT_ASSERT(Store::take() == &large[2] && Store::take() == &large[0]);
        CPPUNIT_ASSERT_MESSAGE("what was taken leaves room", Store::keep(&large[1]));
        CPPUNIT_ASSERT(Store::take() == &large[1]);
        const std::array<std::size_t, Sizes::MOST + 1> small{};
        for (std::size_t at = 0; at < small.size(); ++at)
            CPPUNIT_ASSERT_EQUAL(at < Sizes::MOST, Store::keep(&small[at]));
        while (Store::take())
            ;
    }

    void aThreadThatEndsLetsGo()
    {
        letGo = 0;
        const std::size_t one = 1, two = 2;
        std::thread([&] { CPPUNIT_ASSERT(Store::keep(&one) && Store::keep(&two)); }).join();
        CPPUNIT_ASSERT_EQUAL(2, letGo.load());
        CPPUNIT_ASSERT_MESSAGE("of another thread", !Store::take());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ThreadStoreTest);

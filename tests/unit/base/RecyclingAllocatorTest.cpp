#include "base/threads/RecyclingAllocator.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <memory>
#include <set>
#include <thread>
#include <vector>

using tenon::base::RecyclingAllocator;

namespace
{

template <int KIND>
struct Object
{
    std::array<char, 100> bytes{};
};

} // namespace

class RecyclingAllocatorTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RecyclingAllocatorTest);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__MINGW32__)
    CPPUNIT_TEST(whatIsGivenBackIsUsedAgain);
#endif
    CPPUNIT_TEST(noBlockIsGivenTwice);
    CPPUNIT_TEST(blocksMayEndOnOtherThreads);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatIsGivenBackIsUsedAgain()
    {
        RecyclingAllocator<Object<1>> allocator;
        Object<1>* const first = allocator.allocate(1);
        allocator.deallocate(first, 1);
        Object<1>* const second = allocator.allocate(1);
        Object<1>* const third = allocator.allocate(1);
        CPPUNIT_ASSERT(first == second);
        CPPUNIT_ASSERT(second != third);
        allocator.deallocate(second, 1);
        allocator.deallocate(third, 1);
    }

    void noBlockIsGivenTwice()
    {
        RecyclingAllocator<Object<2>> allocator;
        std::set<Object<2>*> blocks;
        for (int round = 0; round < 3; ++round)
        {
            for (int at = 0; at < 100; ++at) // more than a thread keeps
                CPPUNIT_ASSERT(blocks.insert(allocator.allocate(1)).second);
            Object<2>* const array = allocator.allocate(3);
            CPPUNIT_ASSERT(blocks.count(array) == 0);
            allocator.deallocate(array, 3);
            for (Object<2>* block : blocks)
                allocator.deallocate(block, 1);
            blocks.clear();
        }
    }

    void blocksMayEndOnOtherThreads()
    {
        std::vector<std::shared_ptr<Object<3>>> objects;
        for (int at = 0; at < 100; ++at)
            objects.push_back(std::allocate_shared<Object<3>>(RecyclingAllocator<Object<3>>()));
        std::thread([gone = std::move(objects)]() mutable { gone.clear(); }).join();
        const auto after = std::allocate_shared<Object<3>>(RecyclingAllocator<Object<3>>());
        CPPUNIT_ASSERT(after->bytes[0] == 0);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RecyclingAllocatorTest);

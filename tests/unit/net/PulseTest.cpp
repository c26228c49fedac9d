#include "net/front/Pulse.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

using tenon::net::Pulse;

namespace
{

/// Asks until the answer is true, for as long as a busy machine may take.
bool becomesHeld(Pulse& pulse)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < end)
    {
        if (pulse.held())
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
}

} // namespace

class PulseTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PulseTest);
#if defined(__linux__)
    CPPUNIT_TEST(aThreadThatSleepsIsHeld);
    CPPUNIT_TEST(aThreadThatComputesIsHeldOnlyAfterItHasComputed);
#endif
    CPPUNIT_TEST(aThreadThatDidNotBeginIsTakenForHeld);
    CPPUNIT_TEST_SUITE_END();

public:
    void aThreadThatSleepsIsHeld()
    {
        Pulse pulse;
        std::promise<void> end;
        std::promise<void> begun;
        std::thread thread(
            [&]
            {
                pulse.begin();
                begun.set_value();
                end.get_future().wait();
            });
        begun.get_future().wait();
        const bool held = becomesHeld(pulse);
        end.set_value();
        thread.join();
        CPPUNIT_ASSERT(held);
    }

    void aThreadThatComputesIsHeldOnlyAfterItHasComputed()
    {
        Pulse pulse;
        std::atomic<bool> stop{false};
        std::promise<void> begun;
        std::thread thread(
            [&]
            {
                pulse.begin();
                begun.set_value();
                while (!stop.load(std::memory_order_relaxed))
                    continue;
            });
        begun.get_future().wait();
        const bool before = pulse.held();
        const bool after = becomesHeld(pulse);
        pulse.fresh();
        const bool again = pulse.held();
        stop = true;
        thread.join();
        CPPUNIT_ASSERT_MESSAGE("it may only have waited for a processor", !before);
        CPPUNIT_ASSERT(after);
        CPPUNIT_ASSERT_MESSAGE("of something new it has computed nothing yet", !again);
    }

    void aThreadThatDidNotBeginIsTakenForHeld()
    {
        Pulse pulse;
        CPPUNIT_ASSERT(pulse.held());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PulseTest);

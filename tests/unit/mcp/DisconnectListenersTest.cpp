#include "mcp/messages/DisconnectListeners.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <new>

namespace tenon::mcp
{

class DisconnectListenersTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(DisconnectListenersTest);
    CPPUNIT_TEST(oneThatFailsKeepsTheNewsFromNobody);
    CPPUNIT_TEST_SUITE_END();

    struct Listener : DisconnectListener
    {
        explicit Listener(bool fails = false) : lacksMemory(fails) {}
        void disconnected() override
        {
            ++told;
            if (lacksMemory)
                throw std::bad_alloc();
        }

        const bool lacksMemory;
        int told = 0;
    };

    void oneThatFailsKeepsTheNewsFromNobody()
    {
        const auto first = std::make_shared<Listener>(), second = std::make_shared<Listener>(true),
                   third = std::make_shared<Listener>();
        DisconnectListeners listeners;
        for (const auto& listener : {first, second, third})
            listeners.add(listener);
        listeners.tell();
        for (const auto& listener : {first, second, third})
            CPPUNIT_ASSERT_EQUAL(1, listener->told);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(DisconnectListenersTest);

} // namespace tenon::mcp

#include "store/memory/MemoryLimits.h"
#include "unit/store/SharedLimitsSuite.h"

using namespace tenon;

class MemoryLimitsTest : public tests::SharedLimitsSuite
{
    TENON_SHARED_LIMITS_SUITE(MemoryLimitsTest);

protected:
    std::unique_ptr<Limits> join() override { return _limits.instance(); }
    void pass(int ms) override { _now += ms; }

private:
    std::int64_t _now = 1'000'000;
    store::MemoryLimits _limits{[this] { return _now; }};
};
CPPUNIT_TEST_SUITE_REGISTRATION(MemoryLimitsTest);

#include "sysinfo/Sampler.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

using namespace tenon::sysinfo;
using std::chrono::milliseconds;

namespace
{

/// Each reading is half busy in turn, then wholly.
class FakePlatform : public Platform
{
public:
    CpuInfo cpuInfo() const override { return {}; }

    CpuReading cpu() const override
    {
        ++_readings;
        _times.busy += _readings % 2 ? 100 : 50;
        _times.idle += _readings % 2 ? 0 : 50;
        return {_times, {}};
    }

    std::optional<Load> load() const override { return Load{1.5, 0, 0}; }
    double uptimeSeconds() const override { return 0; }

    Memory memory() const override
    {
        Memory memory;
        memory.total = 1000;
        memory.available = 600;
        return memory;
    }

    std::vector<Disk> disks(bool) const override { return {}; }
    std::vector<Process> processes(bool) const override { return {}; }

private:
    mutable int _readings = 0;
    mutable CpuTimes _times;
};

/// Time passes when it is waited for, and a little with every look at it.
class FakePace : public Pace
{
public:
    explicit FakePace(int waits = 1000000) : _waits(waits) {}

    Time now() const override { return _now += milliseconds(1); }

    bool waitUntil(Time time) override
    {
        if (--_waits < 0)
            return false;
        _now = std::max(_now, time);
        return true;
    }

private:
    mutable Time _now{};
    int _waits;
};

} // namespace

class SamplerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SamplerTest);
    CPPUNIT_TEST(samplesAreEvenlySpread);
    CPPUNIT_TEST(summaries);
    CPPUNIT_TEST(cancelledInTheMiddle);
    CPPUNIT_TEST(cancelledBeforeTheFirst);
    CPPUNIT_TEST(realWaitingEndsWhenCancelled);
    CPPUNIT_TEST_SUITE_END();

    void samplesAreEvenlySpread()
    {
        FakePlatform platform;
        FakePace pace;
        std::vector<unsigned> told;
        const Sampling sampling = takeSamples(platform, milliseconds(10000), 4, pace,
                                              [&](const Sample&, unsigned number) { told.push_back(number); });
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), sampling.samples.size());
        for (std::size_t i = 0; i < 4; ++i)
            CPPUNIT_ASSERT_DOUBLES_EQUAL(2.5 * static_cast<double>(i + 1), sampling.samples[i].seconds, 0.01);
        CPPUNIT_ASSERT((told == std::vector<unsigned>{1, 2, 3, 4}));
        CPPUNIT_ASSERT_DOUBLES_EQUAL(10, sampling.seconds, 0.05);
    }

    void summaries()
    {
        FakePlatform platform;
        FakePace pace;
        const Sampling sampling = takeSamples(platform, milliseconds(1000), 3, pace, {});
        CPPUNIT_ASSERT_EQUAL(50.0, sampling.samples.at(0).cpuPercent);
        CPPUNIT_ASSERT_EQUAL(100.0, sampling.samples.at(1).cpuPercent);
        CPPUNIT_ASSERT_EQUAL(50.0, sampling.cpuPercent.minimum);
        CPPUNIT_ASSERT_EQUAL(66.7, sampling.cpuPercent.average);
        CPPUNIT_ASSERT_EQUAL(100.0, sampling.cpuPercent.maximum);
        CPPUNIT_ASSERT_EQUAL(40.0, sampling.memoryPercent.average);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(400), sampling.samples[0].memoryUsed);
        CPPUNIT_ASSERT_EQUAL(1.5, sampling.samples[0].load.value_or(0));
    }

    void cancelledInTheMiddle()
    {
        FakePlatform platform;
        FakePace pace(2);
        const Sampling sampling = takeSamples(platform, milliseconds(1000), 10, pace, {});
        CPPUNIT_ASSERT(sampling.cancelled && sampling.samples.size() == 2);
    }

    void cancelledBeforeTheFirst()
    {
        FakePlatform platform;
        FakePace pace(0);
        const Sampling sampling = takeSamples(platform, milliseconds(1000), 10, pace, {});
        CPPUNIT_ASSERT(sampling.cancelled && sampling.samples.empty() && sampling.cpuPercent.average == 0);
    }

    void realWaitingEndsWhenCancelled()
    {
        std::atomic<int> asked{0};
        RealPace pace([&] { return ++asked == 3; });
        const auto begin = pace.now();
        CPPUNIT_ASSERT(!pace.waitUntil(begin + std::chrono::hours(1)));
        CPPUNIT_ASSERT(pace.now() - begin < std::chrono::minutes(1));
        RealPace free({});
        CPPUNIT_ASSERT(free.waitUntil(begin));
        const auto soon = free.now() + milliseconds(30);
        CPPUNIT_ASSERT(free.waitUntil(soon) && free.now() >= soon);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SamplerTest);

#include "sysinfo/Platform.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#if !defined(_WIN32)
#include <unistd.h>
#endif

using namespace tenon::sysinfo;

/// The machine that runs the test.
class PlatformTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PlatformTest);
    CPPUNIT_TEST(processorAndMemory);
    CPPUNIT_TEST(disks);
    CPPUNIT_TEST(processes);
    CPPUNIT_TEST_SUITE_END();

    const std::unique_ptr<Platform> _platform = Platform::make();

    void processorAndMemory()
    {
        const CpuInfo info = _platform->cpuInfo();
        CPPUNIT_ASSERT(!info.model.empty() && info.logicalCores > 0);
        const CpuReading reading = _platform->cpu();
        CPPUNIT_ASSERT(reading.all.busy + reading.all.idle > 0);
        CPPUNIT_ASSERT(_platform->uptimeSeconds() > 0);
        const Memory memory = _platform->memory();
        CPPUNIT_ASSERT(memory.total > 0 && memory.available <= memory.total && memory.swapFree <= memory.swapTotal);
    }

    void disks()
    {
        for (const Disk& disk : _platform->disks(false))
            CPPUNIT_ASSERT_MESSAGE(disk.mount.path,
                                   disk.total > 0 && disk.free <= disk.total && !disk.mount.path.empty());
    }

    void processes()
    {
#if !defined(_WIN32)
        const std::vector<Process> all = _platform->processes(true);
        const auto self =
            std::find_if(all.begin(), all.end(), [](const Process& process) { return process.id == ::getpid(); });
        CPPUNIT_ASSERT(self != all.end());
        CPPUNIT_ASSERT_EQUAL(std::int64_t(::getppid()), self->parent);
        CPPUNIT_ASSERT(self->threads >= 1 && self->residentBytes > 0 && !self->user.empty());
#endif
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PlatformTest);

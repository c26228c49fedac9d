#include "sysinfo/ProcText.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>

using namespace tenon::sysinfo;

class ProcTextTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ProcTextTest);
    CPPUNIT_TEST(processorTimes);
    CPPUNIT_TEST(processorInfo);
    CPPUNIT_TEST(processorInfoOfOtherArchitectures);
    CPPUNIT_TEST(loadAndUptime);
    CPPUNIT_TEST(memory);
    CPPUNIT_TEST(memoryOfOldKernels);
    CPPUNIT_TEST(mounts);
    CPPUNIT_TEST(storage);
    CPPUNIT_TEST(processes);
    CPPUNIT_TEST(processesWithOddNames);
    CPPUNIT_TEST(brokenProcesses);
    CPPUNIT_TEST(commandLines);
    CPPUNIT_TEST(everythingCutAnywhere);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* STAT = "cpu  100 20 30 4000 500 6 7 8 9 10\n"
                                        "cpu0 60 10 20 2000 300 3 4 4 5 6\n"
                                        "cpu1 40 10 10 2000 200 3 3 4 4 4\n"
                                        "intr 12345 0 9\nctxt 999\nbtime 1790000000\nprocesses 4242\n";

    static constexpr const char* CPUINFO =
        "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Fast CPU @ 3.00GHz\n"
        "cpu MHz\t\t: 2999.998\nphysical id\t: 0\ncore id\t\t: 0\nflags\t\t: fpu vme\n\n"
        "processor\t: 1\nmodel name\t: Fast CPU @ 3.00GHz\ncpu MHz\t\t: 3100.5\n"
        "physical id\t: 0\ncore id\t\t: 0\n\n"
        "processor\t: 2\nmodel name\t: Fast CPU @ 3.00GHz\ncpu MHz\t\t: 800.000\n"
        "physical id\t: 1\ncore id\t\t: 0\n\n";

    static constexpr const char* MEMINFO = "MemTotal:       16000000 kB\nMemFree:         1000000 kB\n"
                                           "MemAvailable:    9000000 kB\nBuffers:          200000 kB\n"
                                           "Cached:          7000000 kB\nSwapCached:            5 kB\n"
                                           "SwapTotal:       2000000 kB\nSwapFree:        1500000 kB\n"
                                           "SReclaimable:     300000 kB\nHugePages_Total:       0\n";

    static constexpr const char* MOUNTS = "sysfs /sys sysfs rw,nosuid 0 0\n"
                                          "/dev/sda1 / ext4 rw,relatime 0 0\n"
                                          "/dev/sda1 /var/lib/bind ext4 rw,relatime 0 0\n"
                                          "tmpfs /run tmpfs rw 0 0\n"
                                          "/dev/sdb1 /media/My\\040Disk\\134x vfat ro,noatime 0 0\n"
                                          "server:/export /mnt/nfs nfs4 rw 0 0\n"
                                          "me@host:/ /mnt/ssh fuse.sshfs rw 0 0\n"
                                          "/dev/sdc1 /mnt/ntfs fuseblk rw 0 0\n"
                                          "overlay /var/lib/docker/a overlay rw 0 0\n"
                                          "overlay /var/lib/docker/b overlay rw 0 0\n"
                                          "/dev/loop0 /snap/core squashfs ro 0 0\n";

    static constexpr const char* PROCESS =
        "4242 (tenon) S 1 4242 4242 0 -1 4194560 1500 0 2 0 250 50 0 0 20 0 7 0 100000 "
        "900000000 5000 18446744073709551615 1 1 0 0 0 0 0 4096 1024 0 0 0 17 1 0 0\n";

    void processorTimes()
    {
        const CpuReading reading = proc::parseStat(STAT);
        // Guest time is part of user time already, waiting for disks is idle.
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(100 + 20 + 30 + 6 + 7 + 8), reading.all.busy);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(4500), reading.all.idle);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), reading.cores.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2200), reading.cores[1].idle);
    }

    void processorInfo()
    {
        const CpuInfo info = proc::parseCpuInfo(CPUINFO);
        CPPUNIT_ASSERT_EQUAL(std::string("Fast CPU @ 3.00GHz"), info.model);
        CPPUNIT_ASSERT_EQUAL(3u, info.logicalCores);
        CPPUNIT_ASSERT_EQUAL(2u, info.physicalCores.value_or(0));
        CPPUNIT_ASSERT_DOUBLES_EQUAL(3100.5, info.megahertz.value_or(0), 0.01);
    }

    void processorInfoOfOtherArchitectures()
    {
        const CpuInfo arm =
            proc::parseCpuInfo("processor\t: 0\nBogoMIPS\t: 108.00\nFeatures\t: fp\n\nprocessor\t: 1\n\n"
                               "Hardware\t: BCM2835\nModel\t\t: Raspberry Pi 4 Model B Rev 1.2\n");
        CPPUNIT_ASSERT_EQUAL(std::string("Raspberry Pi 4 Model B Rev 1.2"), arm.model);
        CPPUNIT_ASSERT(arm.logicalCores == 2 && !arm.physicalCores && !arm.megahertz);
        CPPUNIT_ASSERT(proc::parseCpuInfo("").model.empty());
    }

    void loadAndUptime()
    {
        const auto load = proc::parseLoad("0.52 1.05 12.00 2/345 6789\n");
        CPPUNIT_ASSERT(load);
        CPPUNIT_ASSERT_DOUBLES_EQUAL(0.52, load->oneMinute, 1e-9);
        CPPUNIT_ASSERT_DOUBLES_EQUAL(1.05, load->fiveMinutes, 1e-9);
        CPPUNIT_ASSERT_DOUBLES_EQUAL(12.0, load->fifteenMinutes, 1e-9);
        CPPUNIT_ASSERT(!proc::parseLoad(""));
        CPPUNIT_ASSERT_DOUBLES_EQUAL(123456.78, proc::parseUptime("123456.78 200000.00\n"), 1e-6);
    }

    void memory()
    {
        const Memory memory = proc::parseMemory(MEMINFO);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(16000000) * 1024, memory.total);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(9000000) * 1024, memory.available);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(7500000) * 1024, memory.cached);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(500000) * 1024, memory.swapTotal - memory.swapFree);
    }

    void memoryOfOldKernels()
    {
        const Memory memory = proc::parseMemory("MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 20 kB\n");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(35 * 1024), memory.available);
    }

    void mounts()
    {
        const std::vector<Mount> mounts = proc::parseMounts(MOUNTS);
        CPPUNIT_ASSERT_EQUAL(std::size_t(11), mounts.size());
        CPPUNIT_ASSERT_EQUAL(std::string("/media/My Disk\\x"), mounts[4].path);
        CPPUNIT_ASSERT(mounts[4].readOnly && !mounts[1].readOnly);
    }

    void storage()
    {
        const auto paths = [](bool network)
        {
            std::string all;
            for (const Mount& mount : proc::storageOf(proc::parseMounts(MOUNTS), network))
                all += mount.path + " ";
            return all;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("/ /media/My Disk\\x /mnt/ntfs /var/lib/docker/a /var/lib/docker/b "),
                             paths(false));
        CPPUNIT_ASSERT(paths(true).find("/mnt/nfs /mnt/ssh ") != std::string::npos);
    }

    void processes()
    {
        Process process;
        CPPUNIT_ASSERT(proc::parseProcess(PROCESS, 1500.5, 100, 4096, process));
        CPPUNIT_ASSERT_EQUAL(std::int64_t(4242), process.id);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1), process.parent);
        CPPUNIT_ASSERT_EQUAL(std::string("tenon"), process.name);
        CPPUNIT_ASSERT_EQUAL(std::string("sleeping"), process.state);
        CPPUNIT_ASSERT_EQUAL(7u, process.threads);
        CPPUNIT_ASSERT_DOUBLES_EQUAL(3.0, process.cpuSeconds, 1e-9);
        CPPUNIT_ASSERT_DOUBLES_EQUAL(500.5, process.ageSeconds, 1e-9);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(5000) * 4096, process.residentBytes);
    }

    void processesWithOddNames()
    {
        const std::string fields = " R 1 1 1 0 -1 0 0 0 0 0 10 0 0 0 20 0 1 0 5 0 6 0\n";
        for (const std::string name : {"a b", "a) R 9 (b", "((", "", "\xFF\xFE", "a\nb"})
        {
            Process process;
            CPPUNIT_ASSERT_MESSAGE(name, proc::parseProcess("77 (" + name + ")" + fields, 10, 100, 4096, process));
            CPPUNIT_ASSERT_EQUAL(name, process.name);
            CPPUNIT_ASSERT_EQUAL(std::int64_t(1), process.parent);
            CPPUNIT_ASSERT_EQUAL(std::string("running"), process.state);
        }
    }

    void brokenProcesses()
    {
        Process process;
        for (const char* text : {"", "1", "1 (a", "1 (a)", "1 (a) S 1 2 3", ")(", "1 a) S"})
            CPPUNIT_ASSERT_MESSAGE(text, !proc::parseProcess(text, 10, 100, 4096, process));
        // A clock that says the process is from the future.
        CPPUNIT_ASSERT(proc::parseProcess(PROCESS, 1, 100, 4096, process));
        CPPUNIT_ASSERT_EQUAL(0.0, process.ageSeconds);
        CPPUNIT_ASSERT(!proc::parseProcess(PROCESS, 1, 0, 4096, process));
    }

    void commandLines()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("ls -l a b"), proc::parseCommandLine(std::string("ls\0-l\0a b\0", 10)));
        CPPUNIT_ASSERT_EQUAL(std::string(), proc::parseCommandLine(""));
    }

    /// Whatever the kernel gives, nothing is read beyond its end.
    void everythingCutAnywhere()
    {
        for (const std::string whole : {STAT, CPUINFO, MEMINFO, MOUNTS, PROCESS})
            for (std::size_t size = 0; size <= whole.size(); ++size)
            {
                const std::unique_ptr<char[]> exact(new char[size]);
                whole.copy(exact.get(), size);
                const std::string_view text(exact.get(), size);
                Process process;
                proc::parseStat(text);
                proc::parseCpuInfo(text);
                proc::parseLoad(text);
                proc::parseMemory(text);
                proc::storageOf(proc::parseMounts(text), true);
                proc::parseProcess(text, 1, 100, 4096, process);
            }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProcTextTest);

#include "sysinfo/Usage.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::sysinfo;

class UsageTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(UsageTest);
    CPPUNIT_TEST(busyShares);
    CPPUNIT_TEST(processesByProcessorTime);
    CPPUNIT_TEST(processNumbersThatAreUsedAgain);
    CPPUNIT_TEST(orders);
    CPPUNIT_TEST(namesAndLimits);
    CPPUNIT_TEST_SUITE_END();

    static Process process(std::int64_t id, const std::string& name, double cpuSeconds, double ageSeconds,
                           std::uint64_t residentBytes)
    {
        Process process;
        process.id = id;
        process.name = name;
        process.cpuSeconds = cpuSeconds;
        process.ageSeconds = ageSeconds;
        process.residentBytes = residentBytes;
        return process;
    }

    void busyShares()
    {
        CPPUNIT_ASSERT_DOUBLES_EQUAL(25.0, busyPercent({100, 100}, {125, 175}), 1e-9);
        CPPUNIT_ASSERT_EQUAL(0.0, busyPercent({100, 100}, {100, 100}));
        CPPUNIT_ASSERT_EQUAL(100.0, busyPercent({0, 0}, {5, 0}));
        // Counters that go back.
        CPPUNIT_ASSERT_EQUAL(100.0, busyPercent({0, 100}, {5, 90}));
        CPPUNIT_ASSERT_EQUAL(0.0, busyPercent({10, 0}, {5, 5}));
        CPPUNIT_ASSERT_EQUAL(0.0, percent(5, 0));
        CPPUNIT_ASSERT_EQUAL(33.3, rounded(100.0 / 3));
    }

    void processesByProcessorTime()
    {
        const std::vector<Process> before = {process(1, "old", 100, 1000, 0), process(2, "busy", 10, 20, 0)};
        const std::vector<Process> after = {process(1, "old", 100.5, 1002, 100), process(2, "busy", 13, 22, 0),
                                            process(3, "new", 1, 1, 0)};
        const auto top = topProcesses(before, after, 2, 1000, ProcessOrder::CPU, "", 10);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(2), top.at(0).process.id);
        CPPUNIT_ASSERT_EQUAL(150.0, top[0].cpuPercent);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(3), top[1].process.id);
        CPPUNIT_ASSERT_EQUAL(100.0, top[1].cpuPercent);
        CPPUNIT_ASSERT_EQUAL(25.0, top[2].cpuPercent);
        CPPUNIT_ASSERT_EQUAL(10.0, top[2].memoryPercent);
        // Without a first reading: since they were started.
        CPPUNIT_ASSERT_EQUAL(10.0, topProcesses({}, after, 0, 0, ProcessOrder::ID, "", 10).at(0).cpuPercent);
    }

    void processNumbersThatAreUsedAgain()
    {
        const auto top = topProcesses({process(7, "gone", 50, 100, 0)}, {process(7, "new", 0.5, 1, 0)}, 2, 0,
                                      ProcessOrder::CPU, "", 10);
        CPPUNIT_ASSERT_EQUAL(50.0, top.at(0).cpuPercent);
    }

    void orders()
    {
        const std::vector<Process> all = {process(3, "b", 9, 10, 5), process(1, "c", 1, 10, 50),
                                          process(2, "a", 5, 1, 5)};
        const auto ids = [&](ProcessOrder order)
        {
            std::string text;
            for (const ProcessUsage& usage : topProcesses({}, all, 0, 100, order, "", 10))
                text += std::to_string(usage.process.id);
            return text;
        };
        CPPUNIT_ASSERT_EQUAL(std::string("231"), ids(ProcessOrder::CPU));
        CPPUNIT_ASSERT_EQUAL(std::string("123"), ids(ProcessOrder::MEMORY));
        CPPUNIT_ASSERT_EQUAL(std::string("213"), ids(ProcessOrder::AGE));
        CPPUNIT_ASSERT_EQUAL(std::string("123"), ids(ProcessOrder::ID));
        CPPUNIT_ASSERT_EQUAL(std::string("231"), ids(ProcessOrder::NAME));
    }

    void namesAndLimits()
    {
        std::vector<Process> all = {process(1, "Apache", 0, 1, 0), process(2, "nginx", 0, 1, 0),
                                    process(3, "sh", 0, 1, 0)};
        all[2].commandLine = "sh -c apache2ctl";
        const auto count = [&](const char* name, std::size_t limit)
        { return topProcesses({}, all, 0, 0, ProcessOrder::CPU, name, limit).size(); };
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), count("apACHE", 10));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), count("apache", 1));
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), count("", 10));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), count("nothing", 10));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UsageTest);

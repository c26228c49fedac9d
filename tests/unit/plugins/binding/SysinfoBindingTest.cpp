#include "ShippedPlugin.h"

class SysinfoBindingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SysinfoBindingTest);
    CPPUNIT_TEST(definitions);
    CPPUNIT_TEST(states);
    CPPUNIT_TEST(processes);
    CPPUNIT_TEST(samplesWithProgress);
    CPPUNIT_TEST(cancelledSamplingEnds);
    CPPUNIT_TEST_SUITE_END();

    void definitions()
    {
        ShippedPlugin plugin("sysinfo", {});
        checkDefinitions(plugin);
        CPPUNIT_ASSERT(contains(plugin.toolNames(), "sysinfo_processes"));
        ShippedPlugin without("sysinfo", {{"processes", "false"}});
        CPPUNIT_ASSERT(!contains(without.toolNames(), "sysinfo_processes"));
        CPPUNIT_ASSERT(ShippedPlugin("sysinfo", {{"maxSampleSeconds", "0"}}).refused());
    }

    void states()
    {
        ShippedPlugin plugin("sysinfo", {});
        CPPUNIT_ASSERT(plugin.structured("sysinfo_cpu", R"({"intervalMs": 50, "perCore": true})")["logicalCores"]
                           .get_uint64()
                           .value() > 0);
        const auto memory = plugin.structured("sysinfo_memory", "{}");
        CPPUNIT_ASSERT_EQUAL(memory["total"].get_uint64().value(),
                             memory["used"].get_uint64().value() + memory["available"].get_uint64().value());
        CPPUNIT_ASSERT(plugin.structured("sysinfo_disks", "{}")["disks"].is_array());
    }

    void processes()
    {
        ShippedPlugin plugin("sysinfo", {{"maxProcesses", "3"}});
        const auto view =
            plugin.structured("sysinfo_processes", R"({"limit": 3, "sortBy": "memory", "intervalMs": 0})");
        CPPUNIT_ASSERT(view["processes"].get_array().size() <= 3);
        for (const simdjson::dom::element process : view["processes"])
            CPPUNIT_ASSERT(process["commandLine"].error());
    }

    void samplesWithProgress()
    {
        ShippedPlugin plugin("sysinfo", {});
        tenon::test::MockCall made(R"({"seconds": 0.1, "samples": 4})");
        plugin.call("sysinfo_sample", made);
        CPPUNIT_ASSERT_EQUAL(std::size_t(4), made.progress.size());
        CPPUNIT_ASSERT_MESSAGE(made.result, contains(made.result, R"("average":)"));
    }

    void cancelledSamplingEnds()
    {
        ShippedPlugin plugin("sysinfo", {});
        tenon::test::MockCall made(R"({"seconds": 60, "samples": 1})");
        made.cancelled = true;
        plugin.call("sysinfo_sample", made);
        CPPUNIT_ASSERT(made.result.empty() && made.progress.empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SysinfoBindingTest);

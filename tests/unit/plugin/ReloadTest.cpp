#include "unit/plugin/PluginFolder.h"

#include <Poco/File.h>

#include <atomic>
#include <functional>
#include <thread>

namespace tenon::plugin
{

/// Plugins that are added, replaced and removed while calls go on.
class ReloadTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ReloadTest);
    CPPUNIT_TEST(newChangedAndRemovedFilesAreTakenOver);
    CPPUNIT_TEST(unchangedFilesAreLeftAlone);
    CPPUNIT_TEST(badReplacementLeavesTheOldOne);
    CPPUNIT_TEST(runningCallEndsOnTheOldOne);
    CPPUNIT_TEST(stateIsHandedOver);
    CPPUNIT_TEST(manyReplacementsUnderLoadLoseNoCall);
    CPPUNIT_TEST(watcherFindsChanges);
    CPPUNIT_TEST_SUITE_END();

    struct Listener : CatalogueListener
    {
        std::atomic<int> changes{0};
        std::atomic<bool> tools{false};
        void catalogueChanged(const CataloguePtr&, bool t, bool, bool) override
        {
            tools = t;
            ++changes;
        }
        void resourceUpdated(std::string_view) override {}
    };

    static void until(const std::function<bool()>& condition)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!condition())
        {
            CPPUNIT_ASSERT_MESSAGE("it did not happen in time", std::chrono::steady_clock::now() < end);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    /// A library that differs from the fixture by a byte behind its end.
    static void putAnother(PluginFolder& folder, const std::string& name, int variant)
    {
        folder.put(name, name, std::string(static_cast<std::size_t>(variant) + 1, '#'));
    }

    void newChangedAndRemovedFilesAreTakenOver()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = folder.start();
        Listener listener;
        manager.addListener(listener);
        folder.put("finishes_twice", "other");
        manager.rescan();
        CPPUNIT_ASSERT_EQUAL(1, listener.changes.load());
        CPPUNIT_ASSERT(listener.tools);
        CPPUNIT_ASSERT_EQUAL(std::string("first"), PluginFolder::call(manager, "finish_twice")->text());

        folder.put("duplicate_tool", "other");
        manager.rescan();
        CPPUNIT_ASSERT_EQUAL(2, listener.changes.load());
        CPPUNIT_ASSERT(!manager.current()->tool("finish_twice"));
        CPPUNIT_ASSERT_EQUAL(std::string("first"), PluginFolder::call(manager, "twice")->text());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), manager.status().at(1).reloads);

        folder.remove("other");
        manager.rescan();
        CPPUNIT_ASSERT_EQUAL(3, listener.changes.load());
        CPPUNIT_ASSERT(!manager.current()->tool("twice"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), manager.status().size());
        manager.removeListener(listener);
    }

    void unchangedFilesAreLeftAlone()
    {
        PluginFolder folder{{"echo", "no_entry"}};
        auto& manager = folder.start();
        PluginFolder::call(manager, "count");
        const auto version = manager.current()->version;
        folder.put("echo", "echo");
        manager.rescan();
        manager.rescan();
        CPPUNIT_ASSERT_EQUAL(version, manager.current()->version);
        CPPUNIT_ASSERT_EQUAL(std::string("2"), PluginFolder::call(manager, "count")->text());
    }

    void badReplacementLeavesTheOldOne()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = folder.start();
        folder.put("wrong_abi", "echo");
        manager.rescan();
        manager.rescan();
        ASSERT_CONTAINS("version 2.0", reasonOf(manager, "echo", "the new file"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), manager.status().at(0).failedReloads);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), PluginFolder::call(manager, "count")->text());
        folder.put("echo", "echo");
        manager.rescan();
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), manager.refusals().size());
        CPPUNIT_ASSERT_EQUAL(std::string("2"), PluginFolder::call(manager, "count")->text());
    }

    void runningCallEndsOnTheOldOne()
    {
        PluginFolder folder{{"finishes_late"}};
        folder.put("echo", "a");
        auto& manager = folder.start();
        const auto call = std::make_shared<FakeCall>(R"({"ms":3000})");
        PluginFolder::enter(manager, "sleep_async", call);
        folder.put("finishes_twice", "a");
        manager.rescan();
        CPPUNIT_ASSERT(!manager.current()->tool("sleep_async"));
        CPPUNIT_ASSERT_EQUAL(0, call->ends.load());
        CPPUNIT_ASSERT(call->wait(std::chrono::seconds(60)));
        CPPUNIT_ASSERT_EQUAL(std::string("slept"), call->text());
    }

    void stateIsHandedOver()
    {
        for (const char* isolation : {"none", "process"})
        {
            PluginFolder folder{{"echo"}};
            auto& manager = folder.start({{"plugins.isolation", isolation}}, TENON_WORKER);
            PluginFolder::call(manager, "count");
            PluginFolder::call(manager, "count");
            // Runs while the successor waits for the state.
            const auto running = std::make_shared<FakeCall>(R"({"ms":100})");
            PluginFolder::enter(manager, "sleep_async", running);
            putAnother(folder, "echo", 0);
            std::thread reload([&] { manager.rescan(); });
            until([&] { return manager.status().at(0).reloads == 1; });
            const auto counted = PluginFolder::call(manager, "count");
            reload.join();
            CPPUNIT_ASSERT_EQUAL(std::string("slept"), running->text());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(isolation, std::string("3"), counted->text());
        }
    }

    void manyReplacementsUnderLoadLoseNoCall()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = folder.start();
        std::atomic<bool> end{false};
        std::atomic<int> wrong{0}, right{0};
        std::vector<std::thread> callers;
        for (int caller = 0; caller < 4; ++caller)
            callers.emplace_back(
                [&]
                {
                    while (!end)
                    {
                        const auto call = std::make_shared<FakeCall>(R"({"text":"fine"})");
                        PluginFolder::enter(manager, "echo", call);
                        (call->wait() && call->text() == "fine" ? right : wrong)++;
                    }
                });
        putAnother(folder, "echo", 0);
        manager.rescan();
        const auto before = descriptors();
        for (int round = 1; round <= 50; ++round)
        {
            putAnother(folder, "echo", round);
            manager.rescan();
        }
        end = true;
        for (auto& caller : callers)
            caller.join();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(51), manager.status().at(0).reloads);
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
        CPPUNIT_ASSERT(right > 50);
        // The last ones are ended behind the calls.
        until([&] { return descriptors() <= before + 2; });
    }

    static std::size_t descriptors()
    {
        std::vector<std::string> names;
        Poco::File("/proc/self/fd").list(names);
        return names.size();
    }

    void watcherFindsChanges()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = folder.start({{"plugins.reload", "true"}, {"plugins.settleMs", "20"}});
        folder.put("finishes_twice", "other");
        until([&] { return manager.current()->tool("finish_twice") != nullptr; });
        folder.remove("other");
        until([&] { return manager.current()->tool("finish_twice") == nullptr; });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ReloadTest);

} // namespace tenon::plugin

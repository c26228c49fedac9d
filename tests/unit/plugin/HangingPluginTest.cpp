#include "plugin/call/SubscriptionOrders.h"
#include "unit/plugin/PluginFolder.h"

#include <atomic>
#include <functional>
#include <thread>

namespace tenon::plugin
{

/// A plugin that does not return from one of its functions: who waits for it, and for how long.
class HangingPluginTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(HangingPluginTest);
    CPPUNIT_TEST(startHoldsNobodyUp);
    CPPUNIT_TEST(stopHoldsNobodyUp);
    CPPUNIT_TEST(subscriptionsHoldUpTheirOwnAlone);
    CPPUNIT_TEST(workersOnlyDoAsWell);
    CPPUNIT_TEST(calledOffSubscriptionIsUndone);
    CPPUNIT_TEST(readsRespectTheLimitOfThePlugin);
    CPPUNIT_TEST_SUITE_END();

    using Clock = std::chrono::steady_clock;

    static PluginManager& start(PluginFolder& folder, const std::string& where, const std::string& isolation = "none")
    {
        return folder.start({{"plugins.isolation", isolation},
                             {"plugins.loadTimeoutMs", UNDER_SANITIZER ? "8000" : "2000"},
                             {"plugins.graceMs", "100"},
                             {"plugins.probe", "false"},
                             {"plugin.hangs_where_told.timeoutMs", "300"},
                             {"plugin.hangs_where_told.where", where}},
                            TENON_WORKER);
    }

    static std::string stateOf(const PluginManager& manager, const std::string& plugin)
    {
        for (const auto& status : manager.status())
            if (status.name == plugin)
                return status.state;
        return "not there";
    }

    void startHoldsNobodyUp()
    {
        for (const char* isolation : {"none", "process"})
            for (const char* where : {"start", "list", "create"})
            {
                PluginFolder folder{{"hangs_where_told", "echo"}};
                auto& manager = start(folder, where, isolation);
                CPPUNIT_ASSERT_EQUAL(std::string("x"), PluginFolder::call(manager, "echo", R"({"text":"x"})")->text());
                const std::string expected = std::string(where) == "start" ? "failed" : "refused";
                CPPUNIT_ASSERT_EQUAL(expected, stateOf(manager, "hangs_where_told"));
                CPPUNIT_ASSERT(!reasonOf(manager, "hangs_where_told").empty());
                const auto begin = Clock::now();
                manager.stop(std::chrono::milliseconds(4000));
                CPPUNIT_ASSERT(Clock::now() - begin < std::chrono::seconds(30)); // a hang has no end
            }
    }

    void stopHoldsNobodyUp()
    {
        for (const char* isolation : {"none", "process"})
        {
            PluginFolder folder{{"hangs_where_told", "echo"}};
            auto& manager = start(folder, "stop", isolation);
            CPPUNIT_ASSERT_EQUAL(std::string("well"), PluginFolder::call(manager, "hangs_not_here")->text());
            // Replaced, it ends beside everything else.
            manager.restart("hangs_where_told");
            CPPUNIT_ASSERT_EQUAL(std::string("well"), PluginFolder::call(manager, "hangs_not_here")->text());
            const auto begin = Clock::now();
            manager.stop(std::chrono::milliseconds(500));
            CPPUNIT_ASSERT(Clock::now() - begin < std::chrono::seconds(30));
        }
    }

    void assertSubscriptionsHoldUpTheirOwnAlone(const std::string& isolation)
    {
        PluginFolder folder{{"hangs_where_told", "echo"}};
        auto& manager = start(folder, "subscribe", isolation);
        const auto instance = manager.current()->resource("hangs://one")->instance;
        std::atomic<int> cancelled{0};
        const int orders = 20;
        for (int order = 0; order < orders; ++order)
            instance->subscribe("hangs://one", [&](tenon_status status)
                                { cancelled += status == TENON_ERROR_CANCELLED || status == TENON_ERROR_FAILED; });
        CPPUNIT_ASSERT_EQUAL(std::string("well"), PluginFolder::call(manager, "hangs_not_here")->text());
        CPPUNIT_ASSERT_EQUAL(
            tenon_status(TENON_OK),
            PluginFolder::subscribe(*manager.current()->resource("echo://fixed")->instance, "echo://fixed"));
        const auto end = Clock::now() + std::chrono::seconds(30);
        while (cancelled < orders && Clock::now() < end)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        CPPUNIT_ASSERT_EQUAL(orders, cancelled.load());
        CPPUNIT_ASSERT_EQUAL(std::string("x"), PluginFolder::call(manager, "echo", R"({"text":"x"})")->text());
    }

    void subscriptionsHoldUpTheirOwnAlone() { assertSubscriptionsHoldUpTheirOwnAlone("none"); }
    void workersOnlyDoAsWell() { assertSubscriptionsHoldUpTheirOwnAlone("process"); }

    /// An instance that answers orders when it is told.
    class Slow final : public Instance
    {
    public:
        std::mutex mutex;
        std::vector<std::pair<Target, CallBackendPtr>> calls;

        const std::string& name() const override { return _name; }
        tenon_status enter(Target target, std::uint32_t, const CallBackendPtr& call) override
        {
            std::lock_guard lock(mutex);
            calls.emplace_back(target, call);
            return TENON_ASYNC;
        }
        bool mayBlock() const override { return false; }
        void subscribe(std::string, OrderDone) override {}
        void unsubscribe(std::string) override {}

    private:
        const std::string _name = "slow";
    };

    struct Owner : InstanceOwner
    {
        void listChanged(const std::string&) override {}
        void resourceUpdated(std::string_view) override {}
        void quarantined(const std::string&, const std::string&) override {}
    };

    void calledOffSubscriptionIsUndone()
    {
        Owner owner;
        const auto threads = std::make_shared<PluginThreads>(owner);
        const auto limit = std::make_shared<PluginLimit>(0);
        const auto orders = std::make_shared<SubscriptionOrders>(threads, limit, 10, std::chrono::milliseconds(50));
        const auto slow = std::make_shared<Slow>();
        const auto count = [&]
        {
            std::lock_guard lock(slow->mutex);
            return slow->calls.size();
        };
        std::promise<tenon_status> answer;
        orders->subscribe(slow, "slow://one", [&](tenon_status status) { answer.set_value(status); });
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_CANCELLED), answer.get_future().get());
        while (count() < 1)
            std::this_thread::yield();
        slow->calls.at(0).second->finish("{}", nullptr);
        while (count() < 2)
            std::this_thread::yield();
        CPPUNIT_ASSERT(slow->calls.at(1).first == Target::UNSUBSCRIBE);
        slow->calls.at(1).second->finish("{}", nullptr);
        slow->calls.clear();
        threads->stop();
    }

    void readsRespectTheLimitOfThePlugin()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = folder.start({{"plugin.echo.maxConcurrent", "1"}, {"plugins.probe", "false"}});
        EntryQueue* entries = manager.current()->resource("echo://fixed")->instance->queue();
        CPPUNIT_ASSERT(entries);
        const auto none = [] { return [] {}; };
        CPPUNIT_ASSERT(entries->enter("", none) == EntryQueue::Entry::NOW);
        EntryQueue::Ticket ticket = 0;
        // Shared with the tools.
        CPPUNIT_ASSERT(manager.current()->tool("echo")->queue->enter("", none, &ticket) == EntryQueue::Entry::LATER);
        CPPUNIT_ASSERT(manager.current()->tool("echo")->queue->withdraw("", ticket));
        entries->leave("");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HangingPluginTest);

} // namespace tenon::plugin

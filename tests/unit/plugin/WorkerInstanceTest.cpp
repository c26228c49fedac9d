#include "unit/plugin/PluginFolder.h"

#include <atomic>
#include <csignal>
#include <thread>

#include <sys/types.h>

namespace tenon::plugin
{

/// What calls of plugins in workers end with: the good plugin's as in process, and every defect's, while others go on.
class WorkerInstanceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(WorkerInstanceTest);
    CPPUNIT_TEST(everythingOfTheAbiWorks);
    CPPUNIT_TEST(manyCallsRunAtOnce);
    CPPUNIT_TEST(largeResultsArrive);
    CPPUNIT_TEST(resultThatThereIsNoMemoryForCostsItsCallAlone);
    CPPUNIT_TEST(cancellationReachesTheWorker);
    CPPUNIT_TEST(changedListAndUpdatedResourceAreTold);
    CPPUNIT_TEST(crashesEndTheirCallsAndTheWorkerStartsAgain);
    CPPUNIT_TEST(frequentCrashesEndInQuarantine);
    CPPUNIT_TEST(hangingCallIsKilledAfterItsGrace);
    CPPUNIT_TEST(obedientCallIsNotKilled);
    CPPUNIT_TEST(defectsThatAreNoCrashAnswer);
    CPPUNIT_TEST(memoryLimitHolds);
    CPPUNIT_TEST(memoryReallyHeldIsLimited);
    CPPUNIT_TEST(printsAreCounted);
    CPPUNIT_TEST(refusedStartIsARefusalAtOnce);
    CPPUNIT_TEST(crashAtLoadIsARefusal);
    CPPUNIT_TEST(probeKeepsCrashesOutOfTheServer);
    CPPUNIT_TEST(probeOfNewFilesKeepsCrashesOutOfTheServer);
    CPPUNIT_TEST(workerEndsWithItsInstance);
    CPPUNIT_TEST(othersNoticeNothing);
    CPPUNIT_TEST_SUITE_END();

    static PluginManager& start(PluginFolder& folder, std::map<std::string, std::string> values = {},
                                const std::string& isolation = "process")
    {
        values.emplace("plugins.isolation", isolation);
        values.emplace("plugins.graceMs", "100");
        return folder.start(std::move(values), TENON_WORKER);
    }

    static void assertCrash(const std::shared_ptr<FakeCall>& call, const std::string& plugin)
    {
        CPPUNIT_ASSERT_EQUAL(1, call->ends.load());
        CPPUNIT_ASSERT_EQUAL(FAILED_BY_HOST, call->failure);
        ASSERT_CONTAINS("the plugin '" + plugin + "' crashed", call->failureMessage);
        ASSERT_CONTAINS("error id", call->failureMessage);
    }

    void everythingOfTheAbiWorks()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = start(folder, {{"plugin.echo.greeting", "hello"}});
        CPPUNIT_ASSERT_EQUAL(std::string(""), reasonOf(manager, "echo"));
        CPPUNIT_ASSERT_EQUAL(std::string("a\"b\xC3\xA9"),
                             PluginFolder::call(manager, "echo", R"({"text":"a\"b\u00e9"})")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("slept"), PluginFolder::call(manager, "sleep_async", R"({"ms":20})")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("hello"),
                             PluginFolder::call(manager, "setting", R"({"text":"greeting"})")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("failed as asked"), PluginFolder::call(manager, "fail")->failureMessage);

        const auto report = std::make_shared<FakeCall>();
        report->wantsProgress = true;
        PluginFolder::enter(manager, "report", report);
        CPPUNIT_ASSERT(report->wait());
        CPPUNIT_ASSERT_EQUAL(std::string("progress wanted"), report->text());
        CPPUNIT_ASSERT(report->progressed == std::vector<std::string>{"1/2 half"});
        CPPUNIT_ASSERT(report->loggedLines == std::vector<std::string>{"3 echo {\"half\":true}"});

        const auto ask = std::make_shared<FakeCall>();
        PluginFolder::enter(manager, "ask", ask);
        CPPUNIT_ASSERT(ask->wait());
        CPPUNIT_ASSERT_EQUAL(1, ask->pendings.load());
        CPPUNIT_ASSERT_EQUAL(std::string("happened once"), ask->remembered["effect"]);
        ask->remembered["effect"] = "kept";
        ask->answers["name"] = R"({"action":"accept","content":{"name":"Ada"}})";
        ask->pendings = 0;
        PluginFolder::enter(manager, "ask", ask);
        CPPUNIT_ASSERT(ask->wait());
        CPPUNIT_ASSERT_EQUAL(std::string("Ada"), ask->text());
        CPPUNIT_ASSERT_EQUAL(std::string("kept"), ask->remembered["effect"]);

        const auto instance = manager.current()->resource("echo://fixed")->instance;
        const auto read = std::make_shared<FakeCall>(R"({"uri":"echo://said/hi","variables":{"word":"hi"}})");
        instance->enter(Target::RESOURCE, 0, read);
        CPPUNIT_ASSERT(read->wait());
        ASSERT_CONTAINS("\"text\":\"hi\"", read->result);
        const auto missing = std::make_shared<FakeCall>(R"({"uri":"echo://said/","variables":{"word":""}})");
        instance->enter(Target::RESOURCE, 0, missing);
        CPPUNIT_ASSERT(missing->wait());
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), missing->failure);
        const auto prompt = std::make_shared<FakeCall>(R"({"who":"you"})");
        instance->enter(Target::PROMPT, 0, prompt);
        CPPUNIT_ASSERT(prompt->wait());
        ASSERT_CONTAINS("Hello", prompt->result);
        const auto completed = std::make_shared<FakeCall>();
        instance->enter(Target::COMPLETION, 0, completed);
        CPPUNIT_ASSERT(completed->wait());
        ASSERT_CONTAINS("world", completed->result);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), PluginFolder::subscribe(*instance, "echo://fixed"));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), PluginFolder::subscribe(*instance, "echo://no!"));
        instance->unsubscribe("echo://fixed");
    }

    void manyCallsRunAtOnce()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = start(folder);
        // They end when they are cancelled and not before: what is answered meanwhile has not waited for them.
        std::vector<std::shared_ptr<FakeCall>> slow, quick;
        for (int count = 0; count < 20; ++count)
        {
            slow.push_back(std::make_shared<FakeCall>());
            PluginFolder::enter(manager, "wait_cancelled", slow.back());
            quick.push_back(std::make_shared<FakeCall>(R"({"text":"quick"})"));
            PluginFolder::enter(manager, "echo", quick.back());
        }
        for (const auto& call : quick)
            CPPUNIT_ASSERT_MESSAGE("quick calls waited for slow ones", call->wait());
        // From the last on: each of them has run beside all those that came before it.
        for (auto call = slow.rbegin(); call != slow.rend(); ++call)
        {
            (*call)->cancel();
            CPPUNIT_ASSERT_MESSAGE("slow calls waited for each other", (*call)->wait());
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_CANCELLED), (*call)->failure);
        }
    }

    void largeResultsArrive()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = start(folder);
        const std::size_t size = UNDER_SANITIZER ? 600'000 : 3'000'000; // more than a frame, and than the pipe holds
        std::vector<std::shared_ptr<FakeCall>> calls;
        for (int count = 0; count < 4; ++count)
        {
            calls.push_back(std::make_shared<FakeCall>("{\"ms\":" + std::to_string(size) + '}'));
            PluginFolder::enter(manager, "large", calls.back());
        }
        for (const auto& call : calls)
        {
            CPPUNIT_ASSERT(call->wait());
            CPPUNIT_ASSERT_EQUAL(size, call->text().size());
        }
        const std::string text(size, 'y');
        CPPUNIT_ASSERT_EQUAL(text, PluginFolder::call(manager, "echo", R"({"text":")" + text + "\"}")->text());
    }

    void resultThatThereIsNoMemoryForCostsItsCallAlone()
    {
        base::Budget budget(4'000'000);
        PluginFolder folder{{"echo"}};
        auto& manager =
            folder.start({{"plugins.isolation", "process"}, {"plugins.graceMs", "100"}}, TENON_WORKER, &budget);
        const auto slow = std::make_shared<FakeCall>();
        PluginFolder::enter(manager, "wait_cancelled", slow);
        ASSERT_CONTAINS("the server had no memory left for the result",
                        PluginFolder::call(manager, "large", R"({"ms":8000000})")->failureMessage);
        CPPUNIT_ASSERT_EQUAL(std::size_t(400'000),
                             PluginFolder::call(manager, "large", R"({"ms":400000})")->text().size());
        slow->cancel();
        CPPUNIT_ASSERT(slow->wait());
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_CANCELLED), slow->failure);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), manager.status().at(0).instance.crashes);
        folder.manager.reset(); // before the budget
    }

    void cancellationReachesTheWorker()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = start(folder);
        const auto call = std::make_shared<FakeCall>();
        PluginFolder::enter(manager, "wait_cancelled", call);
        CPPUNIT_ASSERT(!call->wait(std::chrono::milliseconds(50)));
        call->cancel();
        CPPUNIT_ASSERT(call->wait());
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_CANCELLED), call->failure);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), manager.status().at(0).instance.crashes);
    }

    void changedListAndUpdatedResourceAreTold()
    {
        struct Listener : CatalogueListener
        {
            std::atomic<int> changes{0}, updates{0};
            void catalogueChanged(const CataloguePtr&, bool, bool, bool) override { ++changes; }
            void resourceUpdated(std::string_view uri) override { updates += uri == "echo://said/touched"; }
        } listener;
        PluginFolder folder{{"echo"}};
        auto& manager = start(folder);
        manager.addListener(listener);
        PluginFolder::call(manager, "grow");
        PluginFolder::call(manager, "touch");
        until([&] { return listener.changes == 1 && listener.updates == 1; });
        CPPUNIT_ASSERT_EQUAL(std::string("new"), PluginFolder::call(manager, "grown")->text());
        manager.removeListener(listener);
    }

    template <typename Condition>
    static void until(Condition condition)
    {
        const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
        while (!condition())
        {
            CPPUNIT_ASSERT_MESSAGE("it did not happen in time", std::chrono::steady_clock::now() < end);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    void crashesEndTheirCallsAndTheWorkerStartsAgain()
    {
        PluginFolder folder{{"crashes", "aborts", "stack_overflow", "exits"}};
        auto& manager = start(folder);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), manager.refusals().size());
        assertCrash(PluginFolder::call(manager, "abort"), "aborts");
        assertCrash(PluginFolder::call(manager, "overflow"), "stack_overflow");
        assertCrash(PluginFolder::call(manager, "exit"), "exits");
        assertCrash(PluginFolder::call(manager, "crash"), "crashes");
        // Waits for the new worker by itself.
        CPPUNIT_ASSERT_EQUAL(std::string("well"), PluginFolder::call(manager, "crashes_not")->text());
        assertCrash(PluginFolder::call(manager, "crash"), "crashes");
        CPPUNIT_ASSERT_EQUAL(std::string("well"), PluginFolder::call(manager, "crashes_not")->text());
        for (const auto& status : manager.status())
        {
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(status.name == "crashes" ? 2 : 1), status.instance.crashes);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), status.instance.kills);
            if (status.name != "crashes")
                continue;
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), status.instance.restarts);
            CPPUNIT_ASSERT(status.instance.residentBytes > 100'000);
        }
    }

    void frequentCrashesEndInQuarantine()
    {
        PluginFolder folder{{"crashes", "echo"}};
        auto& manager = start(folder, {{"plugin.crashes.maxCrashes", "2"}});
        assertCrash(PluginFolder::call(manager, "crash"), "crashes");
        CPPUNIT_ASSERT(manager.current()->tool("crash"));
        assertCrash(PluginFolder::call(manager, "crash"), "crashes");
        until([&] { return manager.status().at(0).state == "quarantined"; });
        until([&] { return !reasonOf(manager, "crashes").empty(); });
        ASSERT_CONTAINS("quarantined after 2 crashes", reasonOf(manager, "crashes"));
        ASSERT_CONTAINS("quarantined after 2 crashes", manager.status().at(0).reason);
        ASSERT_CONTAINS("`tenon plugin restart crashes`", manager.status().at(0).reason);
        // It stays in the catalogue, and says what has become of it.
        CPPUNIT_ASSERT_EQUAL(std::string("the plugin 'crashes' is switched off after 2 crashes"),
                             PluginFolder::call(manager, "crash")->failureMessage);
        CPPUNIT_ASSERT_THROW(manager.restart("nobody"), Poco::NotFoundException);
        manager.restart("crashes");
        CPPUNIT_ASSERT_EQUAL(std::string("running"), manager.status().at(0).state);
        CPPUNIT_ASSERT_EQUAL(std::string(""), reasonOf(manager, "crashes"));
        CPPUNIT_ASSERT_EQUAL(std::string("well"), PluginFolder::call(manager, "crashes_not")->text());
        CPPUNIT_ASSERT(manager.current()->tool("echo"));
    }

    void hangingCallIsKilledAfterItsGrace()
    {
        PluginFolder folder{{"never_returns", "busy_loop"}};
        auto& manager = start(folder);
        for (const char* tool : {"hang", "spin"})
        {
            const auto call = std::make_shared<FakeCall>();
            call->deadline = 50;
            PluginFolder::enter(manager, tool, call);
            CPPUNIT_ASSERT(call->wait());
            assertCrash(call, std::string(tool) == "hang" ? "never_returns" : "busy_loop");
        }
        CPPUNIT_ASSERT_EQUAL(std::string("well"), PluginFolder::call(manager, "hangs_not")->text());
        for (const auto& status : manager.status())
        {
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), status.instance.kills);
            CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), status.instance.crashes);
        }
    }

    /// However long it takes until it is its thread's turn: the grace is longer than any machine is slow.
    void obedientCallIsNotKilled()
    {
        PluginFolder folder{{"busy_loop"}};
        auto& manager = start(folder, {{"plugins.graceMs", "600000"}});
        const auto obedient = std::make_shared<FakeCall>();
        obedient->deadline = 50;
        PluginFolder::enter(manager, "obedient", obedient);
        CPPUNIT_ASSERT(obedient->wait());
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_CANCELLED), obedient->failure);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), manager.status().at(0).instance.kills);
    }

    void defectsThatAreNoCrashAnswer()
    {
        PluginFolder folder{{"throws", "never_finishes", "finishes_twice", "finishes_late", "prints_to_stdout",
                             "changes_directory", "installs_signal_handlers", "outliving_threads",
                             "leaks_descriptors"}};
        auto& manager = start(folder, {{"plugin.leaks_descriptors.limits.descriptors", "100"}});
        ASSERT_CONTAINS("the plugin 'throws'", PluginFolder::call(manager, "throw")->failureMessage);
        ASSERT_CONTAINS("without a result", PluginFolder::call(manager, "forget")->failureMessage);
        CPPUNIT_ASSERT_EQUAL(std::string("first"), PluginFolder::call(manager, "finish_twice")->text());
        ASSERT_CONTAINS("without a result", PluginFolder::call(manager, "finish_late")->failureMessage);
        CPPUNIT_ASSERT_EQUAL(std::to_string(TENON_ERROR_STATE), PluginFolder::call(manager, "late_status")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("printed"), PluginFolder::call(manager, "print")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("changed"), PluginFolder::call(manager, "change")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("installed"), PluginFolder::call(manager, "install")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("a thread was left behind"),
                             PluginFolder::call(manager, "leave_thread")->text());
        const auto leak = PluginFolder::call(manager, "leak");
        if (UNDER_ADDRESS_SANITIZER) // it needs a descriptor for its next check, and gives up without
            assertCrash(leak, "leaks_descriptors");
        else
            CPPUNIT_ASSERT_EQUAL_MESSAGE(leak->failureMessage, std::string("descriptors exhausted"), leak->text());

        // A promise that is not kept ends with its deadline.
        const auto promise = std::make_shared<FakeCall>();
        promise->deadline = 50;
        PluginFolder::enter(manager, "promise", promise);
        CPPUNIT_ASSERT(promise->wait());
        assertCrash(promise, "never_finishes");

        PluginFolder closing{{"closes_descriptors"}};
        assertCrash(PluginFolder::call(start(closing), "close"), "closes_descriptors");
    }

    void memoryLimitHolds()
    {
        PluginFolder folder{{"memory_bomb"}};
        auto& manager = start(folder, {{"plugin.memory_bomb.limits.memoryMb", "512"}});
        if (UNDER_SANITIZER) // it needs more than that itself; the plugin does not run without its limit
            CPPUNIT_ASSERT(!reasonOf(manager, "memory_bomb").empty());
        else
            CPPUNIT_ASSERT_EQUAL(std::string("no memory left"), PluginFolder::call(manager, "bomb")->failureMessage);
    }

    void memoryReallyHeldIsLimited()
    {
        PluginFolder folder{{"memory_bomb", "echo"}};
        auto& manager = start(folder, {{"plugin.memory_bomb.limits.residentMb", "400"}});
        assertCrash(PluginFolder::call(manager, "bomb"), "memory_bomb");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), manager.status().at(1).instance.kills);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), PluginFolder::call(manager, "count")->text());
    }

    /// What a plugin prints is counted, and its worker's restart does not forget it.
    void printsAreCounted()
    {
        PluginFolder folder{{"prints_to_stdout"}};
        auto& manager = start(folder);
        PluginFolder::call(manager, "print");
        const std::size_t bytes =
            std::string("printed at start\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"forged\"}\n").size();
        until([&] { return manager.status().at(0).instance.printedBytes == bytes; });
    }

    /// Not after having tried again and again.
    void refusedStartIsARefusalAtOnce()
    {
        PluginFolder folder{{"start_fails"}};
        auto& manager = start(folder);
        CPPUNIT_ASSERT(reasonOf(manager, "start_fails").starts_with("its start failed"));
    }

    void crashAtLoadIsARefusal()
    {
        PluginFolder folder{{"crashes_at_load", "throws_at_load", "wrong_abi", "create_fails", "start_fails", "echo"}};
        auto& manager = start(folder);
        ASSERT_CONTAINS(std::string("crashed while it was loaded: ") + NULL_POINTER_IN_WORKER,
                        reasonOf(manager, "crashes_at_load"));
        ASSERT_CONTAINS("crashed while it was loaded: signal 6", reasonOf(manager, "throws_at_load"));
        ASSERT_CONTAINS("version 2.0", reasonOf(manager, "wrong_abi"));
        ASSERT_CONTAINS("create failed", reasonOf(manager, "create_fails"));
        ASSERT_CONTAINS("start failed", reasonOf(manager, "start_fails"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), PluginFolder::call(manager, "count")->text());
    }

    void probeKeepsCrashesOutOfTheServer()
    {
        PluginFolder folder{{"crashes_at_load", "throws_at_load", "echo"}};
        auto& manager = start(folder, {}, "none");
        ASSERT_CONTAINS(std::string("crashed while it was loaded: ") + NULL_POINTER_IN_COPY,
                        reasonOf(manager, "crashes_at_load"));
        ASSERT_CONTAINS("crashed while it was loaded: signal 6", reasonOf(manager, "throws_at_load"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), PluginFolder::call(manager, "count")->text());
    }

    void probeOfNewFilesKeepsCrashesOutOfTheServer()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = start(folder, {}, "none");
        folder.put("crashes_at_load", "echo");
        folder.put("throws_at_load", "new");
        manager.rescan();
        ASSERT_CONTAINS(std::string("crashed while it was loaded: ") + NULL_POINTER_IN_WORKER,
                        reasonOf(manager, "echo", "the new file"));
        ASSERT_CONTAINS("crashed while it was loaded: signal 6", reasonOf(manager, "new"));
        CPPUNIT_ASSERT_EQUAL(std::string("1"), PluginFolder::call(manager, "count")->text());
    }

    void workerEndsWithItsInstance()
    {
        PluginFolder folder{{"echo", "outliving_threads"}};
        auto& manager = start(folder);
        PluginFolder::call(manager, "leave_thread");
        std::vector<pid_t> workers;
        for (const auto& status : manager.status())
            workers.push_back(static_cast<pid_t>(status.instance.processId));
        for (const pid_t worker : workers)
            CPPUNIT_ASSERT(worker > 0 && kill(worker, 0) == 0);
        manager.stop();
        for (const pid_t worker : workers)
            CPPUNIT_ASSERT(kill(worker, 0) != 0);
    }

    /// Twenty callers of a good plugin while another one crashes again and again.
    void othersNoticeNothing()
    {
        PluginFolder folder{{"echo", "crashes"}};
        auto& manager = start(folder, {{"plugin.crashes.maxCrashes", "1000"}});
        std::atomic<bool> end{false};
        std::atomic<int> wrong{0}, right{0};
        std::vector<std::thread> callers;
        for (int caller = 0; caller < 20; ++caller)
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
        for (int crash = 0; crash < 3; ++crash)
            assertCrash(PluginFolder::call(manager, "crash"), "crashes");
        end = true;
        for (auto& caller : callers)
            caller.join();
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
        CPPUNIT_ASSERT(right > 20);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WorkerInstanceTest);

} // namespace tenon::plugin

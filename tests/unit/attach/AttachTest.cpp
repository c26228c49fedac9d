#include "unit/attach/AttachFixture.h"

#include <cstdlib>
#include <mutex>
#include <set>

namespace tenon::tests
{

/// A program that lends its tools, and comes and goes.
class AttachTest : public CppUnit::TestFixture, private AttachFixture
{
    CPPUNIT_TEST_SUITE(AttachTest);
    CPPUNIT_TEST(callsRunOnThreadsOfTheLibrary);
    CPPUNIT_TEST(callsOfTheMainThreadWaitForItsPoll);
    CPPUNIT_TEST(wholeProgramsOnOneThread);
    CPPUNIT_TEST(everythingACallCanDo);
    CPPUNIT_TEST(resourcesWithSubscriptions);
    CPPUNIT_TEST(programComesBeforeTheServer);
    CPPUNIT_TEST(callsWaitForAProgramThatRestarts);
    CPPUNIT_TEST(clientsHearOnlyOfWhatChanged);
    CPPUNIT_TEST(programThatStaysAwayIsToldOf);
    CPPUNIT_TEST(callsInsideAProgramThatGoesEndAtOnce);
    CPPUNIT_TEST(serverRestartsGoUnnoticed);
    CPPUNIT_TEST(toolsGoWhenTheProgramWasAwayForLong);
    CPPUNIT_TEST(programThatDoesNotLookIsSaidToBeBusy);
    CPPUNIT_TEST(changedListsAreReadAgain);
    CPPUNIT_TEST(programThatIsBackBeforeItsEndWasSeen);
    CPPUNIT_TEST(callsGoIntoNoProgramThatHasEnded);
    CPPUNIT_TEST(titleAndToolsThatChangeBeforeTheWelcomeAreTold);
    CPPUNIT_TEST(restartsUnderLoadLoseNothing);
    CPPUNIT_TEST_SUITE_END();

    static void editor(Plugin& plugin)
    {
        plugin.tool(
            "echo", "Says it again", [](std::string text) { return text; }, arg("text", "What"));
    }

    void callsRunOnThreadsOfTheLibrary()
    {
        serve();
        const auto here = std::this_thread::get_id();
        bool elsewhere = false;
        const auto program =
            attached([&](Plugin& plugin)
                     { plugin.tool("where", "Looks", [&] { elsewhere = std::this_thread::get_id() != here; }); });
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"content":[]})"), call("where"));
        CPPUNIT_ASSERT(elsewhere);
    }

    void callsOfTheMainThreadWaitForItsPoll()
    {
        serve();
        std::thread::id ran;
        const auto program = attached(
            [&](Plugin& plugin)
            {
                plugin.tool("main", "Looks", [&] { ran = std::this_thread::get_id(); }).onMainThread();
                plugin.tool("other", "Says so", [] { return "other"; });
            });
        const auto waiting = enter("main");
        CPPUNIT_ASSERT_EQUAL(textResult("other"), call("other")); // the pool does not wait for the main thread
        CPPUNIT_ASSERT_EQUAL(0, waiting->ends);
        until("a call waits", [&] { return program->poll(100ms) > 0; });
        CPPUNIT_ASSERT(waiting->wait());
        CPPUNIT_ASSERT(ran == std::this_thread::get_id());
        CPPUNIT_ASSERT_EQUAL(0, program->poll(0ms));
    }

    void wholeProgramsOnOneThread()
    {
        serve();
        std::set<std::thread::id> threads;
        AttachOptions options;
        options.mainThreadOnly = true;
        const auto program = attached(
            [&](Plugin& plugin)
            {
                plugin.tool("count", "Counts", [&] { threads.insert(std::this_thread::get_id()); });
                plugin.resource("editor://scene", "scene")
                    .handle(
                        [&]
                        {
                            threads.insert(std::this_thread::get_id());
                            return "x";
                        });
            },
            options);
        const auto first = enter("count"), second = enter("count");
        until("both ran", [&] { return program->poll(10ms), first->ends + second->ends == 2; });
        CPPUNIT_ASSERT(threads == std::set<std::thread::id>{std::this_thread::get_id()});
    }

    void everythingACallCanDo()
    {
        serve();
        const auto program = attached(
            [](Plugin& plugin)
            {
                plugin.tool("all", "Does all",
                            [](Call& call)
                            {
                                call.progress(1, 2, "half");
                                call.log(LogLevel::Warning, "careful", "here");
                                const int once = call.once("effect", [] { return 7; });
                                const auto answer = call.elicit("who", "Who?", Json{R"({"type":"object"})"});
                                return "hello " + std::string((*answer)["name"].text()) + std::to_string(once);
                            });
            });
        const auto pending = std::make_shared<plugin::FakeCall>();
        pending->wantsProgress = true;
        plugin::PluginFolder::enter(*manager, "all", pending);
        CPPUNIT_ASSERT(pending->wait());
        CPPUNIT_ASSERT_EQUAL(1, pending->pendings);
        CPPUNIT_ASSERT_EQUAL(std::string("1/2 half"), pending->progressed.at(0));
        CPPUNIT_ASSERT_EQUAL(std::string("3 here \"careful\""), pending->loggedLines.at(0));
        CPPUNIT_ASSERT_EQUAL(std::string("7"), pending->remembered.at("effect"));

        const auto again = std::make_shared<plugin::FakeCall>();
        again->remembered = pending->remembered;
        again->answers["who"] = R"({"action":"accept","content":{"name":"Ada"}})";
        plugin::PluginFolder::enter(*manager, "all", again);
        CPPUNIT_ASSERT_EQUAL(textResult("hello Ada7"), result(again));
    }

    void resourcesWithSubscriptions()
    {
        serve();
        std::atomic<int> wanted{0};
        Plugin* lent = nullptr;
        const auto program = attached(
            [&](Plugin& plugin)
            {
                lent = &plugin;
                plugin.tool("t", "x", [] {});
                plugin.resource("editor://scene", "scene").handle([] { return "a scene"; });
                plugin.onSubscribe([&](std::string_view) { ++wanted; });
                plugin.onUnsubscribe([&](std::string_view) { --wanted; });
            });
        const auto catalogue = manager->current();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), catalogue->resources.size());
        const auto instance = catalogue->resources[0].instance;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin::PluginFolder::subscribe(*instance, "editor://scene"));
        CPPUNIT_ASSERT_EQUAL(1, wanted.load());
        instance->unsubscribe("editor://scene");
        until("it is let go", [&] { return wanted.load() == 0; });
    }

    void programComesBeforeTheServer()
    {
        const auto program = attach(editor);
        CPPUNIT_ASSERT(!program->wait(50ms));
        ASSERT_CONTAINS("no server can be reached at " + socket(), program->reason());
        serve();
        CPPUNIT_ASSERT(program->wait(20s));
        CPPUNIT_ASSERT(program->reason().empty());
    }

    void callsWaitForAProgramThatRestarts()
    {
        serve();
        attached(editor).reset();
        until("it is away", [&] { return manager->status().at(0).state == "away"; });
        const auto version = manager->current()->version;
        const auto waiting = enter("echo", R"({"text":"hi"})");
        CPPUNIT_ASSERT_EQUAL(0, waiting->ends);
        const auto back = attach(editor);
        CPPUNIT_ASSERT_EQUAL(textResult("hi"), result(waiting));
        CPPUNIT_ASSERT_EQUAL(version, manager->current()->version); // nobody was told of a change
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), manager->status().at(0).instance.restarts);
    }

    void clientsHearOnlyOfWhatChanged()
    {
        serve();
        attached(editor).reset();
        const auto before = manager->current()->toolsVersion;
        const auto other = attach(
            [](Plugin& plugin)
            {
                plugin.tool("more", "Is new", [] { return "more"; });
                editor(plugin);
            });
        until("the new tool is listed", [&] { return manager->current()->tool("more") != nullptr; });
        CPPUNIT_ASSERT(manager->current()->toolsVersion > before);
        // The numbers of tools have changed places: a call reaches the one that it names.
        CPPUNIT_ASSERT_EQUAL(textResult("hi"), call("echo", R"({"text":"hi"})"));
        CPPUNIT_ASSERT_EQUAL(textResult("more"), call("more"));
    }

    void programThatStaysAwayIsToldOf()
    {
        serve({{"attach.editor.waitMs", "50"}});
        attached(editor).reset();
        until("it is away", [&] { return manager->status().at(0).state == "away"; });
        CPPUNIT_ASSERT_EQUAL(
            std::string("failed: the program 'editor' is restarting, or was closed: try again in a few seconds"),
            call("echo", R"({"text":"hi"})"));
    }

    void callsInsideAProgramThatGoesEndAtOnce()
    {
        serve();
        std::atomic<bool> inside{false}, cancelled{false};
        auto program = attached(
            [&](Plugin& plugin)
            {
                plugin.tool("long", "Takes its time",
                            [&](Call& call)
                            {
                                inside = true;
                                while (!call.cancelled())
                                    std::this_thread::sleep_for(1ms);
                                cancelled = true;
                                return "late";
                            });
            });
        const auto running = enter("long");
        until("it is inside", [&] { return inside.load(); });
        program.reset();
        CPPUNIT_ASSERT(running->wait());
        ASSERT_CONTAINS("ended, or was restarted, while this call was inside", running->failureMessage);
        CPPUNIT_ASSERT(cancelled);
        CPPUNIT_ASSERT_EQUAL(1, running->ends);
    }

    void serverRestartsGoUnnoticed()
    {
        serve();
        const auto program = attached(editor);
        for (int round = 0; round < 5; ++round)
        {
            serve();
            until("it is back", [&] { return manager->current()->tool("echo") != nullptr; });
            CPPUNIT_ASSERT_EQUAL(textResult("hi"), call("echo", R"({"text":"hi"})"));
        }
    }

    void toolsGoWhenTheProgramWasAwayForLong()
    {
        serve({{"attach.editor.keepMs", "100"}});
        attached(editor).reset();
        until("its tools are gone", [&] { return manager->current()->tools.empty(); });
        const auto back = attached(editor);
        CPPUNIT_ASSERT_EQUAL(textResult("hi"), call("echo", R"({"text":"hi"})"));
    }

    void programThatDoesNotLookIsSaidToBeBusy()
    {
        serve();
        bool entered = false;
        const auto program = attached(
            [&](Plugin& plugin)
            {
                plugin.tool("main", "Looks", [&] { entered = true; }).onMainThread();
                plugin.tool("other", "Says so", [] { return "other"; });
            });
        const auto late = enter("main");
        late->cancel(); // as the deadline does it
        ASSERT_CONTAINS("the program 'editor' has not looked at its calls for 0 s", result(late));
        CPPUNIT_ASSERT_EQUAL(textResult("other"),
                             call("other")); // so it knows by now that nobody waits for the first one
        until("it looks", [&] { return program->poll(100ms) > 0; });
        CPPUNIT_ASSERT(!entered);
        CPPUNIT_ASSERT_EQUAL(1, late->ends);
    }

    void changedListsAreReadAgain()
    {
        serve();
        Plugin* lent = nullptr;
        const auto program = attached(
            [&](Plugin& plugin)
            {
                lent = &plugin;
                editor(plugin);
            });
        lent->tool("more", "Is new", [] { return "more"; });
        lent->listChanged(List::Tools);
        until("the new tool is listed", [&] { return manager->current()->tool("more") != nullptr; });
        CPPUNIT_ASSERT_EQUAL(textResult("more"), call("more"));
    }

    /// A program that says so much that the server does not read from it for a while, and does not see its end.
    std::unique_ptr<Attachment> talkative()
    {
        Plugin* lent = nullptr;
        auto program = attached(
            [&](Plugin& plugin)
            {
                lent = &plugin;
                editor(plugin);
                plugin.resource("editor://scene", "scene").handle([] { return "x"; });
            });
        for (int count = 0; count < 400; ++count)
            lent->resourceUpdated("editor://scene");
        std::this_thread::sleep_for(20ms); // the server begins to read them
        return program;
    }

    void programThatIsBackBeforeItsEndWasSeen()
    {
        serve({{"attach.editor.instances", "many"}});
        talkative().reset();
        auto back = attach(editor);
        CPPUNIT_ASSERT(back->wait(20s));
        CPPUNIT_ASSERT_EQUAL(textResult("hi"), call("echo", R"({"text":"hi"})"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), manager->status().at(0).instance.programs.size());
        back.reset(); // or it might be the first

        serve({{"attach.editor.instances", "first"}});
        talkative().reset();
        const auto first = attach(editor);
        CPPUNIT_ASSERT_MESSAGE(first->reason(), first->wait(20s));
        CPPUNIT_ASSERT_EQUAL(textResult("hi"), call("echo", R"({"text":"hi"})"));
    }

    void callsGoIntoNoProgramThatHasEnded()
    {
        serve();
        talkative().reset();
        const auto waiting = enter("echo", R"({"text":"hi"})");
        const auto back = attach(editor);
        CPPUNIT_ASSERT_EQUAL(textResult("hi"), result(waiting));
    }

    void titleAndToolsThatChangeBeforeTheWelcomeAreTold()
    {
        for (int round = 0; round < 20; ++round)
        {
            serve();
            Plugin* lent = nullptr;
            const auto program = attach(
                [&](Plugin& plugin)
                {
                    lent = &plugin;
                    editor(plugin);
                });
            lent->tool("more", "Is new", [] { return "more"; });
            lent->listChanged(List::Tools);
            program->setTitle("new title");
            CPPUNIT_ASSERT(program->wait(20s));
            until("the new tool is listed", [&] { return manager->current()->tool("more") != nullptr; });
            until("the new title is known",
                  [&] { return manager->status().at(0).instance.programs.at(0).title == "new title"; });
        }
    }

    void restartsUnderLoadLoseNothing()
    {
        // The long form: TENON_ATTACH_RESTARTS=1000.
        const char* wanted = std::getenv("TENON_ATTACH_RESTARTS");
        const int restarts = wanted ? std::atoi(wanted) : 20, clientCount = wanted ? 20 : 4;
        serve();
        auto program = attached(editor);
        std::atomic<bool> going{true};
        std::atomic<int> wrong{0}, answered{0};
        std::mutex mutex;
        std::string what;
        std::vector<std::thread> clients;
        for (int client = 0; client < clientCount; ++client)
            clients.emplace_back(
                [&]
                {
                    while (going)
                    {
                        const auto made = std::make_shared<plugin::FakeCall>(R"({"text":"hi"})");
                        plugin::PluginFolder::enter(*manager, "echo", made);
                        const bool ended = made->wait();
                        const bool good =
                            ended && made->ends == 1 &&
                            (made->result == textResult("hi") ||
                             made->failureMessage.find("while this call was inside") != std::string::npos);
                        ++answered;
                        if (!good && ++wrong == 1)
                        {
                            const std::lock_guard lock(mutex);
                            what = made->result + made->failureMessage;
                        }
                    }
                });
        for (int round = 0; round < restarts; ++round)
        {
            const int before = answered;
            until("calls go on", [&] { return answered > before + 10; });
            program.reset();
            program = attach(editor);
        }
        until("calls go on", [&, before = answered.load()] { return answered > before + 10; });
        going = false;
        for (auto& client : clients)
            client.join();
        CPPUNIT_ASSERT_EQUAL_MESSAGE(what, 0, wrong.load());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AttachTest);

} // namespace tenon::tests

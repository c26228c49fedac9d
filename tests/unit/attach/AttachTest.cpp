#include "unit/attach/AttachFixture.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>

#include <cstdlib>
#include <mutex>
#include <set>
#include <stdexcept>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tenon::tests
{

namespace
{

/// Keeps what is logged.
class Heard : public Poco::Channel
{
public:
    void log(const Poco::Message& message) override { text += message.getText() + '\n'; }

    std::string text;
};

} // namespace

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
    CPPUNIT_TEST(pluginsThatCannotBeMadeAreRefused);
    CPPUNIT_TEST(detachWithinACallIsRefused);
    CPPUNIT_TEST(childrenHaveNoPartInIt);
    CPPUNIT_TEST(titlesAreOneReadableLine);
    CPPUNIT_TEST(socketIsForItsGroup);
    CPPUNIT_TEST(groupThatThereIsNotIsSaid);
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
        CPPUNIT_ASSERT_EQUAL(0, waiting->ends.load());
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
        CPPUNIT_ASSERT_EQUAL(1, pending->pendings.load());
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
        until("it has tried",
              [&] { return program->reason().find("no server can be reached at " + socket()) != std::string::npos; });
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
        CPPUNIT_ASSERT_EQUAL(0, waiting->ends.load());
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
        CPPUNIT_ASSERT_EQUAL(1, running->ends.load());
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
        CPPUNIT_ASSERT_EQUAL(1, late->ends.load());
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

    /// What `tenon_attach` says of a plugin whose `create` is this.
    tenon_status statusOf(tenon_status(TENON_ABI* create)(const tenon_host*, tenon_plugin**))
    {
        const tenon_plugin_entry entry{sizeof(tenon_plugin_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR, create};
        const std::string place = socket();
        tenon_attach_options options{};
        options.struct_size = sizeof options;
        options.entry = &entry;
        options.name = "editor";
        options.socket = place.c_str();
        tenon_attachment* made = nullptr;
        const tenon_status status = tenon_attach(&options, &made);
        CPPUNIT_ASSERT((status == TENON_OK) == (made != nullptr));
        tenon_detach(made);
        return status;
    }

    void pluginsThatCannotBeMadeAreRefused()
    {
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID), statusOf(nullptr));
        CPPUNIT_ASSERT_EQUAL(
            tenon_status(TENON_ERROR_UNSUPPORTED),
            statusOf([](const tenon_host*, tenon_plugin**) -> tenon_status { return TENON_ERROR_UNSUPPORTED; }));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_FAILED),
                             statusOf([](const tenon_host*, tenon_plugin**) -> tenon_status { return TENON_OK; }));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID),
                             statusOf(
                                 [](const tenon_host*, tenon_plugin** made) -> tenon_status
                                 {
                                     static tenon_plugin plugin{};
                                     plugin.struct_size = sizeof plugin;
                                     plugin.destroy = [](tenon_plugin*) {};
                                     *made = &plugin; // it cannot be asked for anything
                                     return TENON_OK;
                                 }));
        // Tables without functions are none.
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK),
                             statusOf(
                                 [](const tenon_host*, tenon_plugin** made) -> tenon_status
                                 {
                                     static const tenon_resources EMPTY{
                                         sizeof(tenon_resources), 0, nullptr, nullptr, nullptr, nullptr, nullptr};
                                     static tenon_plugin plugin{};
                                     plugin.struct_size = sizeof plugin;
                                     plugin.manifest = toText(R"({"name":"x","version":"1"})");
                                     plugin.destroy = [](tenon_plugin*) {};
                                     plugin.extension = [](tenon_plugin*, const char*) -> const void*
                                     { return &EMPTY; };
                                     *made = &plugin;
                                     return TENON_OK;
                                 }));
        AttachOptions options;
        std::string said;
        options.log = [&](LogLevel, std::string_view line) { said += line; };
        CPPUNIT_ASSERT_THROW(attach([](Plugin&) { throw std::runtime_error("no document is open"); }, options), Error);
        CPPUNIT_ASSERT_EQUAL(std::string("no document is open"), said);
    }

    void detachWithinACallIsRefused()
    {
        serve();
        std::mutex mutex;
        std::string said;
        AttachOptions options;
        options.log = [&](LogLevel, std::string_view line)
        {
            const std::lock_guard lock(mutex);
            said += line;
        };
        tenon_attachment* raw = nullptr;
        const auto program = attached(
            [&](Plugin& plugin)
            {
                const auto detach = [&]
                {
                    tenon_detach(raw);
                    return "still here";
                };
                plugin.tool("elsewhere", "Detaches", detach);
                plugin.tool("main", "Detaches", detach).onMainThread();
            },
            options);
        raw = program->raw();
        CPPUNIT_ASSERT_EQUAL(textResult("still here"), call("elsewhere"));
        const auto waiting = enter("main");
        until("a call waits", [&] { return program->poll(100ms) > 0; });
        CPPUNIT_ASSERT_EQUAL(textResult("still here"), result(waiting));
        CPPUNIT_ASSERT_EQUAL(textResult("still here"), call("elsewhere"));
        const std::lock_guard lock(mutex);
        ASSERT_CONTAINS("nothing is detached: tenon_detach was called from within", said);
    }

    void childrenHaveNoPartInIt()
    {
        serve();
        const auto program = attached(editor);
        const pid_t child = fork();
        if (child == 0)
        {
            tenon_attachment* const raw = program->raw();
            const bool good = tenon_attach_poll(raw, -1) == TENON_ERROR_STATE &&
                              tenon_attach_set_title(raw, "x") == TENON_ERROR_STATE &&
                              tenon_attach_state_of(raw) != TENON_ATTACH_ATTACHED;
            tenon_detach(raw);
            _exit(good ? 0 : 1);
        }
        int how = 0;
        CPPUNIT_ASSERT_EQUAL(child, waitpid(child, &how, 0));
        CPPUNIT_ASSERT_EQUAL(0, how);
        CPPUNIT_ASSERT_EQUAL(textResult("hi"), call("echo", R"({"text":"hi"})"));
    }

    void titlesAreOneReadableLine()
    {
        serve();
        const auto program = attached(editor);
        const auto titleOf = [&](const std::string& title)
        {
            const auto now = [&] { return manager->status().at(0).instance.programs.at(0).title; };
            program->setTitle("other");
            until("it has another title", [&] { return now() == "other"; });
            program->setTitle(title);
            until("it has the title", [&] { return now() != "other"; });
            return now();
        };
        CPPUNIT_ASSERT_EQUAL(std::string("Größe 'a' \"b\""), titleOf("Größe 'a' \"b\""));
        CPPUNIT_ASSERT_EQUAL(std::string("Gr??e"), titleOf("Gr\xf6\xdf"
                                                           "e"));
        CPPUNIT_ASSERT_EQUAL(std::string("two lines"), titleOf("two\nlines"));
        CPPUNIT_ASSERT_EQUAL(std::string(199, 'x'), titleOf(std::string(199, 'x') + "ö" + std::string(1 << 20, 'y')));
        CPPUNIT_ASSERT_EQUAL(std::string("editor"), titleOf("")); // its name
    }

    void socketIsForItsGroup()
    {
        serve();
        struct stat about
        {
        };
        CPPUNIT_ASSERT_EQUAL(0, stat(socket().c_str(), &about));
        CPPUNIT_ASSERT_EQUAL(0660U, static_cast<unsigned>(about.st_mode & 07777));
        CPPUNIT_ASSERT_EQUAL(geteuid(), about.st_uid);
    }

    void groupThatThereIsNotIsSaid()
    {
        auto& logger = Poco::Logger::get("tenon.plugin.attach");
        const Poco::AutoPtr<Heard> heard(new Heard);
        const Poco::AutoPtr<Poco::Channel> before(logger.getChannel(), true);
        logger.setChannel(heard);
        logger.setLevel(Poco::Message::PRIO_NOTICE);
        serve({{"attach.group", "no-such-group"}});
        logger.setChannel(before);
        ASSERT_CONTAINS("there is no group 'no-such-group'", heard->text);
        struct stat about
        {
        };
        CPPUNIT_ASSERT_EQUAL(0, stat(socket().c_str(), &about));
        CPPUNIT_ASSERT_EQUAL(0660U, static_cast<unsigned>(about.st_mode & 07777));
        CPPUNIT_ASSERT_EQUAL(getegid(), about.st_gid);
        attached(editor);
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

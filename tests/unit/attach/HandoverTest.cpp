#include "plugin/config/DeclaredSettings.h"
#include "unit/attach/AttachFixture.h"

#include <Poco/Path.h>

#include <filesystem>
#include <stdexcept>

namespace tenon::tests
{

/// What the server keeps for a program: its settings, and the state of the one before it.
class HandoverTest : public CppUnit::TestFixture, private AttachFixture
{
    CPPUNIT_TEST_SUITE(HandoverTest);
    CPPUNIT_TEST(stateGoesToTheNextRun);
    CPPUNIT_TEST(stateStaysWithItsInstance);
    CPPUNIT_TEST(refusedStateIsLogged);
    CPPUNIT_TEST(stateThatNobodyTakesIsSaid);
    CPPUNIT_TEST(settingsAreThereWhenThePluginIsMade);
    CPPUNIT_TEST(settingsComeWithTheServer);
    CPPUNIT_TEST(settingsThatDoNotFitRefuseTheProgram);
    CPPUNIT_TEST(settingsOfProgramsAreNobodysSlip);
    CPPUNIT_TEST_SUITE_END();

    static void counter(Plugin& plugin)
    {
        auto& count = plugin.make<std::atomic<int>>(0);
        plugin.tool("next", "Counts").handle([&count] { return ++count; });
        plugin.saveState([&count] { return std::to_string(count.load()); });
        plugin.loadState([&count](std::string_view from, std::string_view state)
                         { count = std::stoi(std::string(state)) + (from == "1.0.0" ? 0 : 1000); });
    }

    static AttachOptions titled(const std::string& title)
    {
        AttachOptions options;
        options.title = title;
        return options;
    }

    void stateGoesToTheNextRun()
    {
        serve();
        auto program = attached(counter);
        CPPUNIT_ASSERT_EQUAL(textResult("1"), call("next"));
        CPPUNIT_ASSERT_EQUAL(textResult("2"), call("next"));
        for (int run = 3; run < 20; ++run)
        {
            program.reset();
            program = attach(counter);
            CPPUNIT_ASSERT_EQUAL(textResult(std::to_string(run)), call("next"));
        }
    }

    void stateStaysWithItsInstance()
    {
        serve();
        auto one = attached(counter, titled("one")), two = attached(counter, titled("two"));
        until("there is a choice", [&] { return manager->status().at(0).instance.programs.size() == 2; });
        for (int count = 0; count < 5; ++count)
            (void)call("next", R"({"instance":"one"})");
        CPPUNIT_ASSERT_EQUAL(textResult("1"), call("next", R"({"instance":"two"})"));
        one.reset();
        two.reset();
        two = attach(counter, titled("two"));
        CPPUNIT_ASSERT_EQUAL(textResult("2"), call("next", R"({"instance":"two"})"));
        one = attach(counter, titled("one"));
        CPPUNIT_ASSERT_EQUAL(textResult("6"), call("next", R"({"instance":"one"})"));
    }

    void refusedStateIsLogged()
    {
        serve();
        attached(counter).reset();
        std::string said;
        AttachOptions options;
        options.log = [&](LogLevel, std::string_view line) { said += line; };
        const auto program = attach(
            [](Plugin& plugin)
            {
                counter(plugin);
                plugin.loadState([](std::string_view, std::string_view) { throw std::runtime_error("not mine"); });
            },
            std::move(options));
        CPPUNIT_ASSERT_EQUAL(textResult("1"), call("next"));
        ASSERT_CONTAINS("it refused its predecessor's state", said);
    }

    void stateThatNobodyTakesIsSaid()
    {
        serve();
        std::string said;
        AttachOptions options;
        options.log = [&](LogLevel, std::string_view line) { said += line; };
        auto program = attached(counter, std::move(options));
        manager.reset();
        program.reset();
        ASSERT_CONTAINS("the server does not keep the program's state", said);
    }

    /// Tells its settings: as they were when it was made, and as they are now.
    static void teller(Plugin& plugin)
    {
        const auto made = plugin.setting("limit", 100);
        plugin.tool("limit", "Tells")
            .handle([&plugin, made]
                    { return std::to_string(made) + " " + std::to_string(plugin.setting("limit", 100)); });
        plugin.tool("folder", "Tells")
            .handle([&plugin] { return plugin.setting<std::filesystem::path>("folder").value_or("nowhere").string(); });
        plugin.tool("all", "Tells")
            .handle(
                [&plugin]
                {
                    std::string all;
                    for (const auto& [key, value] : plugin.settings())
                        all += key + "=" + value + " ";
                    return all;
                });
    }

    void settingsAreThereWhenThePluginIsMade()
    {
        serve({{"plugin.editor.limit", "5"}, {"plugin.editor.folder", "data"}, {"plugin.other.secret", "x"}});
        const auto program = attached(teller);
        CPPUNIT_ASSERT_EQUAL(textResult("5 5"), call("limit"));
        CPPUNIT_ASSERT_EQUAL(textResult(Poco::Path::current() + "data"), call("folder"));
        CPPUNIT_ASSERT_EQUAL(textResult("folder=data limit=5 "), call("all"));
    }

    void settingsComeWithTheServer()
    {
        const auto program = attach(teller);
        serve({{"plugin.editor.limit", "5"}});
        until("it is there", [&] { return manager->current()->tool("limit") != nullptr; });
        CPPUNIT_ASSERT_EQUAL(textResult("100 5"), call("limit"));
        serve({{"plugin.editor.limit", "6"}});
        CPPUNIT_ASSERT_EQUAL(textResult("100 6"), call("limit"));
        serve();
        CPPUNIT_ASSERT_EQUAL(textResult("100 100"), call("limit"));
    }

    void settingsThatDoNotFitRefuseTheProgram()
    {
        serve({{"plugin.editor.limt", "5"}});
        const auto declared = [](Plugin& plugin)
        {
            const auto limit = plugin.setting("limit", 100, "How many at most", "1..1000");
            plugin.tool("limit", "Tells").handle([limit] { return limit; });
        };
        const auto program = attach(declared);
        CPPUNIT_ASSERT(!program->wait(20s));
        ASSERT_CONTAINS("plugin.editor.limt", program->reason());
        ASSERT_CONTAINS("the nearest known one is 'plugin.editor.limit'", program->reason());
        serve({{"plugin.editor.limit", "5000"}});
        CPPUNIT_ASSERT_THROW(attach(declared), Error);
    }

    void settingsOfProgramsAreNobodysSlip()
    {
        const auto settings = [](const std::string& users) {
            return base::Settings::of({{"plugin.editor.limit", "5"}, {"attach.editor.users", users}},
                                      plugin::settings());
        };
        CPPUNIT_ASSERT(plugin::settingsOfNobody(*settings("*"), {}).empty());
        const auto without = base::Settings::of({{"plugin.editor.limit", "5"}}, plugin::settings());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), plugin::settingsOfNobody(*without, {}).size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HandoverTest);

} // namespace tenon::tests

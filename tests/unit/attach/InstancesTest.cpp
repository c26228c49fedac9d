#include "unit/attach/AttachFixture.h"

namespace tenon::tests
{

/// Several programs under one name, and who may attach.
class InstancesTest : public CppUnit::TestFixture, private AttachFixture
{
    CPPUNIT_TEST_SUITE(InstancesTest);
    CPPUNIT_TEST(anArgumentNamesTheInstance);
    CPPUNIT_TEST(titlesAreKeptApartAndUpToDate);
    CPPUNIT_TEST(programThatComesBackTakesItsPlace);
    CPPUNIT_TEST(titleOfAProgramThatRestartsStaysListed);
    CPPUNIT_TEST(callsGoToNoOtherProgramThanTheyMean);
    CPPUNIT_TEST(aToolsOwnInstanceArgumentIsItsOwn);
    CPPUNIT_TEST(theNewestTakesThePlace);
    CPPUNIT_TEST(theFirstKeepsThePlace);
    CPPUNIT_TEST(namesNobodyAllowedAreRefusedInWords);
    CPPUNIT_TEST(otherUsersAreRefusedInWords);
    CPPUNIT_TEST(nameOfAPluginIsTaken);
    CPPUNIT_TEST_SUITE_END();

    static AttachOptions titled(const std::string& title)
    {
        AttachOptions options;
        options.title = title;
        return options;
    }

    /// A program that says its title.
    std::unique_ptr<Attachment> editor(const std::string& title, const std::string& says)
    {
        auto made = attach(
            [says](Plugin& plugin)
            {
                plugin.tool("who", "Says who it is", [says] { return says; });
                plugin.resource("editor://scene", "scene").handle([says] { return says; });
            },
            titled(title));
        CPPUNIT_ASSERT_MESSAGE(made->reason(), made->wait(20s));
        return made;
    }

    std::size_t programs() const
    {
        return manager->status().empty() ? 0 : manager->status().at(0).instance.programs.size();
    }

    std::string definition() const
    {
        const auto catalogue = manager->current();
        const auto* tool = catalogue->tool("who");
        return tool ? tool->definition.text() : std::string();
    }

    void anArgumentNamesTheInstance()
    {
        serve();
        const auto one = editor("level-1", "one");
        until("it is listed", [&] { return !definition().empty(); });
        CPPUNIT_ASSERT(definition().find("instance") == std::string::npos);
        CPPUNIT_ASSERT_EQUAL(textResult("one"), call("who", "{}", "ada"));
        const auto two = editor("level-2", "two");
        until("the choice is listed",
              [&] { return definition().find(R"("enum":["level-1","level-2"])") != std::string::npos; });

        CPPUNIT_ASSERT_EQUAL(textResult("two"), call("who", R"({"instance":"level-2"})", "bob"));
        CPPUNIT_ASSERT_EQUAL(textResult("two"), call("who", "{}", "bob")); // the one used last
        CPPUNIT_ASSERT_EQUAL(textResult("one"), call("who", "{}", "ada"));
        CPPUNIT_ASSERT_EQUAL(textResult("one"), call("who", R"({"instance":"level-1"})", "bob"));
        CPPUNIT_ASSERT_EQUAL(textResult("one"), call("who", "{}", "bob"));
        CPPUNIT_ASSERT_EQUAL(std::string("failed: several programs 'editor' run: name one in the argument 'instance': "
                                         "'level-1' 'level-2'"),
                             call("who", "{}", "eve"));
    }

    void titlesAreKeptApartAndUpToDate()
    {
        serve({{"attach.editor.waitMs", "100"}});
        const auto one = editor("a scene", "one");
        auto two = editor("a scene", "two");
        until("both are listed",
              [&] { return definition().find(R"x("enum":["a scene","a scene (2)"])x") != std::string::npos; });
        CPPUNIT_ASSERT_EQUAL(textResult("two"), call("who", R"x({"instance":"a scene (2)"})x"));
        one->setTitle("another \"scene\"\n");
        until("the new title is listed", [&]
              { return definition().find(R"x("enum":["another \"scene\" ","a scene (2)"])x") != std::string::npos; });
        // Who was told of this title reaches no other program by it.
        CPPUNIT_ASSERT_EQUAL(textResult("two"), call("who", R"x({"instance":"a scene (2)"})x"));
        two.reset();
        until("there is no choice", [&] { return definition().find("instance") == std::string::npos; });
        CPPUNIT_ASSERT_EQUAL(textResult("one"), call("who"));
    }

    void awaitPrograms(std::size_t count)
    {
        until(std::to_string(count) + " are here", [&] { return programs() == count; });
    }

    void programThatComesBackTakesItsPlace()
    {
        serve();
        auto one = editor("level-1", "one");
        const auto two = editor("level-2", "two");
        awaitPrograms(2);
        CPPUNIT_ASSERT_EQUAL(textResult("one"), call("who", R"({"instance":"level-1"})", "ada"));
        one.reset();
        awaitPrograms(1);
        const auto named = enter("who", R"({"instance":"level-1"})", "bob"), last = enter("who", "{}", "ada");
        CPPUNIT_ASSERT_EQUAL(0, named->ends + last->ends); // wait for it
        one = editor("level-1", "one again");
        CPPUNIT_ASSERT_EQUAL(textResult("one again"), result(named));
        CPPUNIT_ASSERT_EQUAL(textResult("one again"), result(last));
        CPPUNIT_ASSERT_EQUAL(textResult("one again"), call("who", "{}", "ada"));
    }

    void titleOfAProgramThatRestartsStaysListed()
    {
        serve();
        auto one = editor("level-1", "one");
        const auto two = editor("level-2", "two");
        const auto listsBoth = [this]
        { return definition().find(R"("enum":["level-1","level-2"])") != std::string::npos; };
        until("the choice is listed", listsBoth);
        const auto version = manager->current()->toolsVersion;
        one.reset();
        awaitPrograms(1);
        two->setTitle("level-2b"); // its list is made anew while the other is away
        until("the new title is listed",
              [&] { return definition().find(R"("enum":["level-1","level-2b"])") != std::string::npos; });
        two->setTitle("level-2");
        until("the old title is listed", listsBoth);
        const auto waiting = enter("who", R"({"instance":"level-1"})");
        one = editor("level-1", "one again");
        CPPUNIT_ASSERT_EQUAL(textResult("one again"), result(waiting));
        awaitPrograms(2);
        CPPUNIT_ASSERT(listsBoth());
        CPPUNIT_ASSERT_EQUAL(version + 2, manager->current()->toolsVersion); // of the titles, and not of the restart
    }

    void callsGoToNoOtherProgramThanTheyMean()
    {
        serve({{"attach.editor.waitMs", "50"}});
        auto one = editor("level-1", "one");
        const auto two = editor("level-2", "two");
        awaitPrograms(2);
        CPPUNIT_ASSERT_EQUAL(std::string("failed: no program 'editor' is called 'level-3': name one of 'level-1' "
                                         "'level-2' in the argument 'instance'"),
                             call("who", R"({"instance":"level-3"})", "ada"));
        CPPUNIT_ASSERT_EQUAL(textResult("one"), call("who", R"({"instance":"level-1"})", "ada"));
        one.reset();
        awaitPrograms(1);
        std::this_thread::sleep_for(60ms); // longer than a call waits
        CPPUNIT_ASSERT_EQUAL(std::string("failed: the program 'editor' that was used last in this session, 'level-1', "
                                         "has gone. There is: 'level-2'; call again to use it"),
                             call("who", "{}", "ada"));
        CPPUNIT_ASSERT_EQUAL(textResult("two"), call("who", "{}", "ada")); // it knows now
        ASSERT_CONTAINS("that is meant is restarting, or was closed: try again in a few seconds, or name another one: "
                        "'level-2'",
                        call("who", R"({"instance":"level-1"})", "ada"));
    }

    void aToolsOwnInstanceArgumentIsItsOwn()
    {
        serve();
        const auto lend = [this](const std::string& title)
        {
            auto made = attach(
                [title](Plugin& plugin)
                {
                    plugin.tool(
                        "of", "x", [title](std::string instance) { return title + instance; },
                        arg("instance", "Its own"));
                },
                titled(title));
            CPPUNIT_ASSERT(made->wait(20s));
            return made;
        };
        const auto one = lend("one"), two = lend("two");
        awaitPrograms(2);
        until("the choice is listed",
              [&]
              {
                  return manager->current()->tool("of")->definition.text().find(
                             R"("program_instance":{"type":"string","enum":["one","two"])") != std::string::npos;
              });
        CPPUNIT_ASSERT_EQUAL(textResult("two!"), call("of", R"({"instance":"!","program_instance":"two"})"));
        ASSERT_CONTAINS("name one in the argument 'program_instance'", call("of", R"({"instance":"one"})"));
    }

    void theNewestTakesThePlace()
    {
        serve({{"attach.editor.instances", "newest"}});
        const auto one = editor("one", "one");
        const auto two = editor("two", "two");
        until("the first one has left", [&] { return programs() == 1 && !one->isAttached(); });
        CPPUNIT_ASSERT_EQUAL(textResult("two"), call("who"));
        // It comes back, and finds a newer one.
        until("it is refused", [&] { return one->reason().find("a newer 'editor' is attached") != std::string::npos; });
        CPPUNIT_ASSERT(two->isAttached());
    }

    void theFirstKeepsThePlace()
    {
        serve({{"attach.editor.instances", "first"}});
        auto one = editor("one", "one");
        const auto two = attach([](Plugin& plugin) { plugin.tool("who", "x", [] {}); });
        until("it is refused", [&] { return two->reason().find("another 'editor' is attached") != std::string::npos; });
        CPPUNIT_ASSERT_EQUAL(textResult("one"), call("who"));
    }

    void namesNobodyAllowedAreRefusedInWords()
    {
        serve();
        const auto program = attach([](Plugin&) {}, {}, "stranger");
        CPPUNIT_ASSERT(!program->wait(20s));
        CPPUNIT_ASSERT_EQUAL(int(TENON_ATTACH_REFUSED), int(tenon_attach_state_of(program->raw())));
        CPPUNIT_ASSERT_EQUAL(std::string("no user may attach as 'stranger': attach.stranger.users is not set"),
                             program->reason());
        CPPUNIT_ASSERT(manager->status().empty());
    }

    void otherUsersAreRefusedInWords()
    {
        serve({{"attach.editor.users", "nobody, 54321"}});
        const auto program = attach([](Plugin&) {});
        CPPUNIT_ASSERT(!program->wait(20s));
        ASSERT_CONTAINS("may not attach as 'editor': attach.editor.users does not name it", program->reason());
    }

    void nameOfAPluginIsTaken()
    {
        plugin::PluginFolder folder{{"echo"}};
        serve({{"plugins.directory", Poco::Path(folder.path("echo")).parent().toString()}, {"attach.echo.users", "*"}});
        const auto program = attach([](Plugin& plugin) { plugin.tool("t", "x", [] {}); }, {}, "echo");
        until("it is refused",
              [&] { return program->reason() == "the name 'echo' belongs to a plugin of the server"; });
        CPPUNIT_ASSERT(manager->current()->tool("echo") != nullptr);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InstancesTest);

} // namespace tenon::tests

#include "unit/attach/AttachFixture.h"

namespace tenon::tests
{

/// Several programs under one name, and who may attach.
class InstancesTest : public CppUnit::TestFixture, private AttachFixture
{
    CPPUNIT_TEST_SUITE(InstancesTest);
    CPPUNIT_TEST(anArgumentNamesTheInstance);
    CPPUNIT_TEST(titlesAreKeptApartAndUpToDate);
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
        const auto* tool = manager->current()->tool("who");
        return tool ? tool->definition : std::string();
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
        serve();
        const auto one = editor("a scene", "one");
        auto two = editor("a scene", "two");
        until("both are listed",
              [&] { return definition().find(R"x("enum":["a scene","a scene (2)"])x") != std::string::npos; });
        CPPUNIT_ASSERT_EQUAL(textResult("two"), call("who", R"x({"instance":"a scene (2)"})x"));
        one->setTitle("another \"scene\"\n");
        until("the new title is listed",
              [&] { return definition().find(R"("enum":["another \"scene\" ","a scene"])") != std::string::npos; });
        two.reset();
        until("there is no choice", [&] { return definition().find("instance") == std::string::npos; });
        CPPUNIT_ASSERT_EQUAL(textResult("one"), call("who"));
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
        CPPUNIT_ASSERT_EQUAL(std::string("nobody may attach as 'stranger': attach.stranger.users is not set"),
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
              [&] { return program->reason() == "the name 'echo' is that of a plugin of the server"; });
        CPPUNIT_ASSERT(manager->current()->tool("echo") != nullptr);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InstancesTest);

} // namespace tenon::tests

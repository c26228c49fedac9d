#include "app/cli/CommandLine.h"
#include "app/cli/Commands.h"
#include "app/cli/Serve.h"

#include <Poco/Util/OptionException.h>

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

using namespace tenon;

class CommandLineTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CommandLineTest);
    CPPUNIT_TEST(optionsTakeTheirValueBothWays);
    CPPUNIT_TEST(settingsHaveADot);
    CPPUNIT_TEST(refused);
    CPPUNIT_TEST(anUnknownOptionNamesTheNearest);
    CPPUNIT_TEST(commandsAreFoundBehindOptions);
    CPPUNIT_TEST(serveOptionsBecomeSettings);
    CPPUNIT_TEST(everyCommandHasHelp);
    CPPUNIT_TEST_SUITE_END();

    using Words = std::vector<std::string>;

    static app::Arguments parse(const Words& typed) { return app::parseArguments(app::serveCommand(), typed); }

public:
    void optionsTakeTheirValueBothWays()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("a=b"), parse({"--pidfile=a=b"}).text("pidfile"));
        CPPUNIT_ASSERT_EQUAL(std::string("--x"), parse({"--pidfile", "--x"}).text("pidfile"));
        CPPUNIT_ASSERT(parse({"-V"}).has("version"));
        CPPUNIT_ASSERT_EQUAL(std::string("else"), parse({}).text("pidfile", "else"));
        CPPUNIT_ASSERT_EQUAL(std::string("b"), parse({"--pidfile=a", "--pidfile=b"}).text("pidfile"));
    }

    void settingsHaveADot()
    {
        const auto arguments = parse({"--http.port=0", "--stdio", "--mcp.instructions=a=b", "--store=sqlite:x"});
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite:x"), arguments.settings.at("store")); // of no room
        CPPUNIT_ASSERT_EQUAL(std::string("0"), arguments.settings.at("http.port"));
        CPPUNIT_ASSERT_EQUAL(std::string("a=b"), arguments.settings.at("mcp.instructions"));
        CPPUNIT_ASSERT(arguments.has("stdio"));
    }

    void refused()
    {
        for (const Words& typed : {Words{"--nonsense"}, Words{"--pidfile"}, Words{"--http.port"}, Words{"more"},
                                   Words{"--stdio=yes"}, Words{"-x"}})
            CPPUNIT_ASSERT_THROW_MESSAGE(typed.front(), parse(typed), Poco::Util::OptionException);
        for (const Words& typed : {Words{"--daemon", "--stdio"}, Words{"--umask=9"}, Words{"--transport=tcp"},
                                   Words{"--transport=sse", "--stdio"}, Words{"--port=1", "--http.port=2"},
                                   Words{"--host=::1", "--http.host=127.0.0.1"}, Words{"--stdio", "--port=1"},
                                   Words{"--transport=stdio", "--host=::1"}})
            CPPUNIT_ASSERT_THROW_MESSAGE(typed.front(), (void)app::serveOptions(parse(typed)),
                                         Poco::Util::OptionException);
        CPPUNIT_ASSERT_EQUAL(64, app::runCommand("nobody", {}, {})); // with a word on what there is
        // An option of the server is none of a command.
        CPPUNIT_ASSERT_THROW((void)app::runCommand("print-config", {"--stdio"}, {}), Poco::Util::OptionException);
    }

    void anUnknownOptionNamesTheNearest()
    {
        const auto faultOf = [](const std::string& word)
        {
            try
            {
                (void)parse({word});
                return std::string();
            }
            catch (const Poco::Util::UnknownOptionException& exc)
            {
                return exc.message();
            }
        };
        CPPUNIT_ASSERT_EQUAL(std::string("loglevel=debug; did you mean --log.level?"), faultOf("--loglevel=debug"));
        CPPUNIT_ASSERT_EQUAL(std::string("pidfiel=x; did you mean --pidfile?"), faultOf("--pidfiel=x"));
        CPPUNIT_ASSERT_EQUAL(std::string("nonsense"), faultOf("--nonsense"));
    }

    void commandsAreFoundBehindOptions()
    {
        const auto at = [](const Words& typed) { return app::commandAt(app::serveCommand(), typed); };
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), at({"--config=doctor", "--http.port=1", "doctor", "--token=x"}));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), at({"--config", "doctor", "token"}));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), at({"--stdio"}));
    }

    void serveOptionsBecomeSettings()
    {
        const auto options = app::serveOptions(
            parse({"--transport", "sse", "--host", "0.0.0.0", "--port", "8000", "--config", "conf/x.properties"}));
        CPPUNIT_ASSERT_EQUAL(std::string("0.0.0.0"), options.settings.settings.at("http.host"));
        CPPUNIT_ASSERT_EQUAL(std::string("8000"), options.settings.settings.at("http.port"));
        CPPUNIT_ASSERT(!options.stdio);
        CPPUNIT_ASSERT_EQUAL('/', options.settings.text("config").front());
        CPPUNIT_ASSERT(app::serveOptions(parse({"--transport=stdio"})).stdio);
        CPPUNIT_ASSERT(app::serveOptions(parse({"--stdio", "--transport=stdio"})).stdio);
        CPPUNIT_ASSERT(!app::serveOptions(parse({"--port=1", "--http.port=1"})).stdio);
    }

    void everyCommandHasHelp()
    {
        CPPUNIT_ASSERT(!app::commands().empty());
        for (const app::Command& command : app::commands())
        {
            std::ostringstream help;
            app::printHelp(command, help);
            CPPUNIT_ASSERT(help.str().find("usage: tenon " + command.name) != std::string::npos);
            CPPUNIT_ASSERT(help.str().find(command.summary) != std::string::npos);
            CPPUNIT_ASSERT(help.str().find("--help") != std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CommandLineTest);

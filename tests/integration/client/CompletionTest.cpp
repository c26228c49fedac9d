#include "TryingServer.h"

#include <Poco/Path.h>
#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

/// The completion of bash and zsh, in the shells themselves.
class CompletionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(CompletionTest);
    CPPUNIT_TEST(inBash);
    CPPUNIT_TEST(inZsh);
    CPPUNIT_TEST(ofACommandThatIsAServer);
    CPPUNIT_TEST_SUITE_END();

    TryingServer _trying;

    [[nodiscard]] std::vector<std::string> environment() const
    {
        const std::string folder = Poco::Path(TENON_TEST_BINARY).parent().toString();
        return {"HOME=" + _trying.home().path(),
                "XDG_CONFIG_HOME=" + _trying.home().path("config"),
                "PATH=" + folder + ":/usr/bin:/bin",
                "TERM=dumb",
                "PS1=ready> ",
                "HISTFILE=",
                "ZDOTDIR=" + _trying.home().path()};
    }

    [[nodiscard]] std::unique_ptr<Terminal> bash() const
    {
        auto shell = std::make_unique<Terminal>("/bin/bash", std::vector<std::string>{"--norc", "--noprofile", "-i"},
                                                environment());
        shell->waitFor("ready> ");
        shell->type("bind 'set enable-bracketed-paste off'; source " TENON_TEST_COMPLETIONS
                    "/tenon.bash; echo sour''ced\n");
        shell->waitFor("sourced");
        shell->waitFor("ready> ");
        return shell;
    }

    [[nodiscard]] std::unique_ptr<Terminal> zsh() const
    {
        // Where a package puts it, under the name that zsh looks for.
        const std::string functions = _trying.home().path("functions");
        auto shell = std::make_unique<Terminal>("/bin/zsh", std::vector<std::string>{"-f", "-i"}, environment());
        shell->type("unset zle_bracketed_paste; mkdir -p " + functions + "; cp " TENON_TEST_COMPLETIONS "/tenon.zsh " +
                    functions + "/_tenon; fpath=(" + functions +
                    " $fpath); autoload -Uz compinit; compinit -u -D; PS1='ready> '; echo sour''ced\n");
        shell->waitFor("sourced");
        shell->waitFor("ready> ");
        return shell;
    }

    /// What a person types: the beginnings of a tool, of its parameter and of an option, in front of a URL with a port.
    void callsATool(Terminal& shell)
    {
        shell.type("tenon call " + _trying.url() + " gree\t");
        shell.waitFor("greet");
        shell.type("na\t");
        shell.waitFor("me="); // what was missing; a bell may stand before it
        shell.type("Ada --outp\t");
        shell.waitFor("ut=");
        shell.type("json\n");
        shell.waitFor("\"content\":[");
        shell.waitFor("Ada");
        shell.waitFor("ready> ");
        shell.type("tenon li\t");
        shell.waitFor("list");
        shell.type(_trying.url() + " templ\t");
        shell.waitFor("templates");
        shell.type("\n");
        shell.waitFor("Resource templates");
        shell.waitFor("ready> ");
        shell.type("tenon read " + _trying.url() + " test://static-t\t"); // readline breaks words at colons
        shell.waitFor("static-text");
        shell.type("\n");
        shell.waitFor("static text");
        shell.waitFor("ready> ");
        shell.type("exit\n");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(shell.shown(), 0, shell.waitForEnd());
    }

public:
    void inBash() { callsATool(*bash()); }
    void inZsh() { callsATool(*zsh()); }

    void ofACommandThatIsAServer()
    {
        // The command stands behind what is completed.
        const std::string line = "tenon call gree -- tenon --stdio --plugins.directory=" TENON_TEST_CONFORMANCE;
        const auto shell = bash();
        const std::size_t back = line.size() - line.find("gree") - 4;
        shell->type(line + std::string(back, '\x02') + '\t'); // Ctrl-B
        shell->type(" name=Grace\n");
        shell->waitFor("Grace!");
        shell->type("exit\n");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(shell->shown(), 0, shell->waitForEnd());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(CompletionTest);

#include "unit/plugin/PluginFolder.h"

#include "plugin/config/LockFile.h"
#include "plugin/tools/ArgumentGenerator.h"

#include <Poco/FileStream.h>
#include <Poco/PipeStream.h>
#include <Poco/Process.h>
#include <Poco/StreamCopier.h>

#include <set>

namespace tenon::plugin
{

/// The author's tools, run as a program.
class ToolMainTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ToolMainTest);
    CPPUNIT_TEST(listShowsWhatPluginsOffer);
    CPPUNIT_TEST(checkPassesAGoodPlugin);
    CPPUNIT_TEST(checkFindsDefects);
    CPPUNIT_TEST(checkLooksAtViews);
    CPPUNIT_TEST(checkFindsWhatClientsStumbleOver);
    CPPUNIT_TEST(checkRepeatsItselfWithTheSameSeed);
    CPPUNIT_TEST(checkGivesThePluginItsSettings);
    CPPUNIT_TEST(checkTakesSampleArguments);
    CPPUNIT_TEST(checkLetsToolsTakeTheirTimeIfTheyCanBeCancelled);
    CPPUNIT_TEST(lockAndDiffTellWhatChanged);
    CPPUNIT_TEST(lockFileIsHonouredByTheServer);
    CPPUNIT_TEST(newMakesAProject);
    CPPUNIT_TEST(wrongUsageIsToldApart);
    CPPUNIT_TEST(argumentsComeFromTheSchemaAndTheSeed);
    CPPUNIT_TEST_SUITE_END();

    Poco::File _folder{Poco::TemporaryFile::tempName()};
    int _status = -1;

public:
    void setUp() override { _folder.createDirectories(); }
    void tearDown() override { _folder.remove(true); }

private:
    enum class Printed
    {
        EVERYWHERE,
        TO_STANDARD_OUTPUT ///< without what is logged meanwhile
    };

    /// What `tenon plugin ARGS` prints; `_status` is its exit status.
    std::string run(std::vector<std::string> args, Printed printed = Printed::EVERYWHERE)
    {
        args.insert(args.begin(), "plugin");
        Poco::Pipe output;
        auto handle = Poco::Process::launch(TENON_WORKER, args, _folder.path(), nullptr, &output,
                                            printed == Printed::EVERYWHERE ? &output : nullptr);
        Poco::PipeInputStream stream(output);
        std::string text;
        Poco::StreamCopier::copyToString(stream, text);
        _status = handle.wait();
        return text;
    }

    void listShowsWhatPluginsOffer()
    {
        PluginFolder plugins{{"echo", "wrong_abi", "bad_schema"}};
        const std::string text = run({"list", Poco::Path(plugins.path("echo")).parent().toString()});
        ASSERT_CONTAINS("echo 1.0.0", text);
        ASSERT_CONTAINS("tool echo  Says it again", text);
        ASSERT_CONTAINS("template echo://said/{word}", text);
        ASSERT_CONTAINS("refused: it was built for version 2.0", text);
        ASSERT_CONTAINS("tool 'bad name'", text);
        CPPUNIT_ASSERT_EQUAL(1, _status);
    }

    void checkPassesAGoodPlugin()
    {
        const std::string text = run({"check", fixture("finishes_twice"), "--seed=1"});
        ASSERT_CONTAINS("pass  settings: none are declared", text);
        if (UNDER_SANITIZER) // what it takes itself looks like a leak
        {
            ASSERT_CONTAINS("pass  calls end: finish_twice", text);
            return;
        }
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, 0, _status);
        for (const char* pass :
             {"exports tenon_entry only", "loads", "calls end: finish_twice", "malformed arguments end: finish_twice",
              "cancelled call ends: finish_twice", "calls overlap: finish_twice", "prints nothing to standard output",
              "leaves no threads", "leaves no descriptors", "leaves no memory", "is unloaded and loaded again",
              "unloading leaves no threads", "unloading leaves no memory", "starts and stops repeatedly"})
            ASSERT_CONTAINS(std::string("pass  ") + pass, text);
        ASSERT_CONTAINS(", seed 1\n", text);
        ASSERT_CONTAINS("0 failed", text);
    }

    void checkFindsDefects()
    {
        ASSERT_CONTAINS("fail  calls end: crash: the plugin 'crashes' crashed", run({"check", fixture("crashes")}));
        CPPUNIT_ASSERT_EQUAL(1, _status);
        const std::string threads = run({"check", fixture("outliving_threads")});
        ASSERT_CONTAINS("fail  leaves no threads", threads);
        ASSERT_CONTAINS("fail  is unloaded and loaded again", threads);
        ASSERT_CONTAINS("fail  leaves no memory", run({"check", fixture("leaks_memory")}));
        CPPUNIT_ASSERT_EQUAL(1, _status);
        const std::string trusting = run({"check", fixture("trusts_arguments")});
        ASSERT_CONTAINS("pass  calls end: trust", trusting);
        ASSERT_CONTAINS("fail  malformed arguments end: trust: the plugin 'trusts_arguments' crashed", trusting);
        CPPUNIT_ASSERT_EQUAL(1, _status);
        if (!UNDER_SANITIZER) // which ends a process that has no descriptor left for it
            ASSERT_CONTAINS("fail  leaves no descriptors", run({"check", fixture("leaks_descriptors")}));
        ASSERT_CONTAINS("fail  prints nothing to standard output", run({"check", fixture("prints_to_stdout")}));
        CPPUNIT_ASSERT_EQUAL(1, _status);
        ASSERT_CONTAINS("warn  exports tenon_entry only: also common_helper:", run({"check", fixture("exports_more")}));
        CPPUNIT_ASSERT(_status == 0 || UNDER_SANITIZER);
        const std::string json = run({"check", fixture("bad_schema"), "--json"}, Printed::TO_STANDARD_OUTPUT);
        const auto report = base::JsonDocument::parse(json);
        CPPUNIT_ASSERT(std::uint64_t(report->root()["failed"]) > 5);
        ASSERT_CONTAINS("no_schema", json);
        ASSERT_CONTAINS("fail  loads: it crashed while it was loaded", run({"check", fixture("crashes_at_load")}));
    }

    void checkLooksAtViews()
    {
        const std::string text = run({"check", fixture("broken_views")});
        CPPUNIT_ASSERT_EQUAL(1, _status);
        ASSERT_CONTAINS("fail  view ui://nowhere: a tool names it, but there is no such resource", text);
        ASSERT_CONTAINS("fail  view of tool 'web'", text);
        ASSERT_CONTAINS("fail  view of tool 'nobody'", text);
        ASSERT_CONTAINS("pass  view of tool 'sound'", text);
    }

    void checkFindsWhatClientsStumbleOver()
    {
        const std::string text = run({"check", fixture("stumbles")});
        ASSERT_CONTAINS("fail  calls end: image: the 'data' of its image is not base64", text);
        ASSERT_CONTAINS("warn  calls end: structured: it gives 'structuredContent' and an empty 'content'", text);
        ASSERT_CONTAINS(
            "fail  calls end: nested: it asks a question that no client can answer: the form's field 'inner'", text);
        ASSERT_CONTAINS("fail  calls end: endless: it asks a question that no client can answer: it asks without end",
                        text);
        ASSERT_CONTAINS("warn  definition: tool 'image': it has no description", text);
        const std::string numbers = run({"check", fixture("writes_nan")});
        ASSERT_CONTAINS("warn  calls end: nan_handed_on: The plugin's result has a number that is NaN", numbers);
        ASSERT_CONTAINS("warn  calls end: infinity_ignored: The plugin's result has a number that is -Infinity",
                        numbers);
        ASSERT_CONTAINS("pass  calls end: nan_mended", numbers);
        ASSERT_CONTAINS("fail  calls end: nan_as_text: the plugin ended the call without a result", numbers);
        ASSERT_CONTAINS("warn  calls end: nan_later: The plugin's result has a number that is NaN", numbers);
        ASSERT_CONTAINS("fail  calls end: nan_as_text_later: the plugin ended the call without a result", numbers);
    }

    /// The arguments with which a call went wrong come back.
    void checkRepeatsItselfWithTheSameSeed()
    {
        const auto failure = [&](const std::string& seed)
        {
            const auto report = base::JsonDocument::parse(
                run({"check", fixture("fails_at_random"), "--json", seed}, Printed::TO_STANDARD_OUTPUT));
            CPPUNIT_ASSERT_EQUAL(1, _status);
            for (const auto finding : report->root()["findings"].get_array())
                if (std::string_view(finding["check"]) == "calls end: choose")
                    return std::string(std::string_view(finding["detail"]));
            return std::string();
        };
        const std::string first = failure("--seed=3");
        ASSERT_CONTAINS("arguments: {", first);
        CPPUNIT_ASSERT_EQUAL(arguments(first), arguments(failure("--seed=3")));
        CPPUNIT_ASSERT(arguments(first) != arguments(failure("--seed=4")));
    }

    static std::string arguments(const std::string& detail) { return detail.substr(detail.find("arguments: ")); }

    void checkGivesThePluginItsSettings()
    {
        ASSERT_CONTAINS("pass  loads", run({"check", fixture("needs_setting"), "--set=key=value"}));
        CPPUNIT_ASSERT(_status == 0 || UNDER_SANITIZER);
        ASSERT_CONTAINS("fail  loads: its start failed", run({"check", fixture("needs_setting")}));
        CPPUNIT_ASSERT_EQUAL(1, _status);
    }

    void lockAndDiffTellWhatChanged()
    {
        PluginFolder plugins{{"echo"}};
        const std::string folder = Poco::Path(plugins.path("echo")).parent().toString();
        run({"lock", "plugins.lock", folder});
        CPPUNIT_ASSERT_EQUAL(0, _status);
        run({"diff", "plugins.lock", folder});
        CPPUNIT_ASSERT_EQUAL(0, _status);
        plugins.put("duplicate_tool", "echo");
        const std::string text = run({"diff", "plugins.lock", folder});
        CPPUNIT_ASSERT_EQUAL(1, _status);
        ASSERT_CONTAINS("echo: its library has the SHA-256", text);
        ASSERT_CONTAINS("the definition of the tool 'echo' has changed", text);
        ASSERT_CONTAINS("the tool 'twice' is new", text);
        ASSERT_CONTAINS("the tool 'sleep' is gone", text);
        ASSERT_CONTAINS("+ {\"name\":\"twice\"", run({"diff", fixture("echo"), fixture("duplicate_tool")}));
    }

    void lockFileIsHonouredByTheServer()
    {
        PluginFolder plugins{{"echo"}};
        const std::string lock = _folder.path() + "/plugins.lock";
        run({"lock", lock, plugins.path("echo")});
        auto& same = plugins.start({{"plugins.lock", lock}});
        CPPUNIT_ASSERT(same.current()->tool("echo"));

        auto file = LockFile::read(lock);
        file.tools["echo"]["echo"] = std::string(64, '0');
        file.write(lock);
        auto& refused = plugins.start({{"plugins.lock", lock}});
        ASSERT_CONTAINS("definition of the tool 'echo' has changed", reasonOf(refused, "echo"));
        auto& reported = plugins.start({{"plugins.lock", lock}, {"plugins.lockMode", "report"}});
        CPPUNIT_ASSERT(reported.current()->tool("echo"));

        Poco::FileOutputStream(lock) << "library echo\n";
        auto& broken = plugins.start({{"plugins.lock", lock}});
        ASSERT_CONTAINS(":1: expected", reasonOf(broken, "echo"));
    }

    void checkTakesSampleArguments()
    {
        const std::string broken = run({"check", fixture("finishes_twice"), "--call=finish_twice=[]"});
        ASSERT_CONTAINS("fail  calls end: finish_twice: the arguments given for it break its inputSchema: []", broken);
        PluginFolder plugins{{"finishes_twice"}};
        Poco::FileOutputStream(plugins.path("finishes_twice").substr(0, plugins.path("finishes_twice").rfind('.')) +
                               ".calls.json")
            << R"({"finish_twice": 7})";
        ASSERT_CONTAINS("break its inputSchema: 7", run({"check", plugins.path("finishes_twice")}));
        ASSERT_CONTAINS("pass  calls end: finish_twice",
                        run({"check", plugins.path("finishes_twice"), "--call=finish_twice={}"}));
    }

    void checkLetsToolsTakeTheirTimeIfTheyCanBeCancelled()
    {
        const std::string text = run({"check", fixture("busy_loop")});
        ASSERT_CONTAINS("pass  calls end: obedient: it went on for 2 s, and ended when it was cancelled", text);
        ASSERT_CONTAINS("wait  a call of obedient, for up to 2 s", text);
        ASSERT_CONTAINS("fail  calls end: spin: it went on though it was cancelled after 2 s", text);
        ASSERT_CONTAINS("pass  calls overlap: obedient", text);
        CPPUNIT_ASSERT_MESSAGE("said once", text.find("calls overlap: spin") == std::string::npos);
    }

    void newMakesAProject()
    {
        ASSERT_CONTAINS("made weather", run({"new", "weather"}));
        CPPUNIT_ASSERT(Poco::File(_folder.path() + "/weather/weather.cpp").exists());
        run({"new", "wind", "--c"});
        CPPUNIT_ASSERT(Poco::File(_folder.path() + "/wind/wind.c").exists());
        std::string lists;
        Poco::FileInputStream stream(_folder.path() + "/wind/CMakeLists.txt");
        Poco::StreamCopier::copyToString(stream, lists);
        ASSERT_CONTAINS("tenon_add_plugin(wind SOURCES wind.c)", lists);
        const std::string rust = run({"new", "rain", "--rust"});
        ASSERT_CONTAINS("cargo build --offline --release --manifest-path rain/Cargo.toml", rust);
        ASSERT_CONTAINS("tenon plugin check rain/target/release/librain", rust);
        CPPUNIT_ASSERT(Poco::File(_folder.path() + "/rain/src/lib.rs").exists());
        run({"new", "weather"});
        CPPUNIT_ASSERT_EQUAL(1, _status);
        run({"new", "a/b"});
        CPPUNIT_ASSERT_EQUAL(1, _status);
    }

    void wrongUsageIsToldApart()
    {
        for (const auto& args : std::vector<std::vector<std::string>>{{}, {"nothing"}, {"check"}, {"lock"}})
        {
            ASSERT_CONTAINS("usage: tenon plugin", run(args));
            CPPUNIT_ASSERT_EQUAL(2, _status);
        }
        ASSERT_CONTAINS("there is no option --jsno", run({"check", fixture("echo"), "--jsno"}));
        CPPUNIT_ASSERT_EQUAL(2, _status);
        ASSERT_CONTAINS("--seed=x is not a number", run({"check", fixture("echo"), "--seed=x"}));
        CPPUNIT_ASSERT_EQUAL(2, _status);
        ASSERT_CONTAINS("usage: tenon plugin", run({"check", "--help"}, Printed::TO_STANDARD_OUTPUT));
        CPPUNIT_ASSERT_EQUAL(0, _status);
        ASSERT_CONTAINS("/nowhere.so", run({"check", "/nowhere.so"}));
        CPPUNIT_ASSERT_EQUAL(1, _status);
    }

    void argumentsComeFromTheSchemaAndTheSeed()
    {
        const std::string text = R"({"type":"object","required":["a","b"],"properties":{
            "a":{"type":"integer","minimum":3,"maximum":9},"b":{"enum":["x","y"]},
            "c":{"type":"array","minItems":1,"maxItems":3,"items":{"type":"string","minLength":2}},
            "d":{"type":"object","properties":{"e":{"type":["boolean","null"]}}},"f":{"type":"number"}}})";
        const auto document = base::JsonDocument::parse(text);
        const auto schema = schema::Schema::compile(text);
        ArgumentGenerator one(7), same(7), other(8);
        std::set<std::string> seen;
        bool differs = false;
        for (int round = 0; round < 200; ++round)
        {
            const std::string made = one.make(document->root());
            CPPUNIT_ASSERT_EQUAL(made, same.make(document->root()));
            differs = differs || made != other.make(document->root());
            CPPUNIT_ASSERT_MESSAGE(made, schema->validate(base::JsonDocument::parse(made)->root()));
            seen.insert(made);
        }
        CPPUNIT_ASSERT(differs && seen.size() > 50);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ToolMainTest);

} // namespace tenon::plugin

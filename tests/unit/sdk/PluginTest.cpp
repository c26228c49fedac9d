#include "unit/sdk/MockHost.h"
#include "unit/sdk/Samples.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using namespace tenon::test;

/// A plugin's life, its settings, and its lists while they change.
class PluginTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PluginTest);
    CPPUNIT_TEST(manifest);
    CPPUNIT_TEST(extensionsOfWhatIsOffered);
    CPPUNIT_TEST(offersLater);
    CPPUNIT_TEST(hostWithoutValues);
    CPPUNIT_TEST(refusals);
    CPPUNIT_TEST(startAndStop);
    CPPUNIT_TEST(failedStart);
    CPPUNIT_TEST(ownedObjectsGoLast);
    CPPUNIT_TEST(settings);
    CPPUNIT_TEST(settingErrors);
    CPPUNIT_TEST(declaredSettings);
    CPPUNIT_TEST(logAndNotifications);
    CPPUNIT_TEST(addedWhileItRuns);
    CPPUNIT_TEST(removedToolsKeepTheirNumbers);
    CPPUNIT_TEST(manyTools);
    CPPUNIT_TEST(state);
    CPPUNIT_TEST(progressAndLogOfACall);
    CPPUNIT_TEST_SUITE_END();

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

    static void refused(const std::string& reason, void (*body)(Plugin&), std::map<std::string, std::string> given = {})
    {
        MockHost host(std::move(given));
        CPPUNIT_ASSERT(!host.make(makes(body)));
        CPPUNIT_ASSERT(host.lastStatus < 0);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), host.logLines.size());
        expect("4 " + reason, host.logLines[0]);
    }

public:
    void manifest()
    {
        MockHost host;
        const Made bare(host, [](Plugin&) {});
        expect(R"({"name":"sample","version":"1.2.3"})", std::string(toView(bare.get()->manifest)));
        const Made full(host,
                        [](Plugin& p)
                        {
                            p.title("Sample").description("A sample").websiteUrl("https://example.com");
                            p.icon({"https://example.com/i.svg"});
                        });
        expect(R"({"name":"sample","version":"1.2.3","title":"Sample","description":"A sample",)"
               R"("websiteUrl":"https://example.com","icons":[{"src":"https://example.com/i.svg"}]})",
               std::string(toView(full.get()->manifest)));
        CPPUNIT_ASSERT_EQUAL(uint32_t(sizeof(tenon_plugin)), full.get()->struct_size);
    }

    void extensionsOfWhatIsOffered()
    {
        MockHost host;
        const Made nothing(host, [](Plugin&) {});
        for (const char* id : {TENON_EXT_TOOLS, TENON_EXT_RESOURCES, TENON_EXT_PROMPTS, TENON_EXT_COMPLETION,
                               TENON_EXT_SKILLS, TENON_EXT_STATE, "tenon.unknown/1"})
            CPPUNIT_ASSERT_MESSAGE(id, !nothing.api<void>(id));
        const Made everything(
            host,
            [](Plugin& p)
            {
                p.tool("t", "x").handle([] {});
                p.resource("x://y", "y").handle([] { return ""; });
                p.prompt("p", "x").argument("a").complete("a", {"b"}).handle([](std::string a) { return a; });
                p.skill("skill://s", "S", "s");
                p.saveState([] { return ""; });
            });
        for (const char* id : {TENON_EXT_TOOLS, TENON_EXT_RESOURCES, TENON_EXT_PROMPTS, TENON_EXT_COMPLETION,
                               TENON_EXT_SKILLS, TENON_EXT_STATE})
            CPPUNIT_ASSERT_MESSAGE(id, everything.api<void>(id));
    }

    void offersLater()
    {
        MockHost host;
        const Made plugin(host, [](Plugin& p) { p.offersLater(List::Tools); });
        expect("[]", plugin.list(plugin.tools().list));
        CPPUNIT_ASSERT(!plugin.api<tenon_prompts>(TENON_EXT_PROMPTS));
    }

    void hostWithoutValues()
    {
        MockHost host;
        host.missing = {TENON_EXT_WRITER};
        CPPUNIT_ASSERT(!host.make(makes([](Plugin&) {})));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_UNSUPPORTED), host.lastStatus);
        host.missing = {TENON_EXT_LOG, TENON_EXT_SETTINGS, TENON_EXT_NOTIFY};
        const Made plugin(host,
                          [](Plugin& p)
                          {
                              p.log(LogLevel::Info, "nobody hears");
                              CPPUNIT_ASSERT(!p.setting("a"));
                              CPPUNIT_ASSERT(p.settings().empty());
                          });
        CPPUNIT_ASSERT(plugin.get());
    }

    void refusals()
    {
        refused("tool 'a b': a name is 1 to 128 of the characters A-Z, a-z, 0-9, '_', '-' and '.'",
                [](Plugin& p) { p.tool("a b", "x").handle([] {}); });
        refused("tool '': a name is 1 to 128 of the characters A-Z, a-z, 0-9, '_', '-' and '.'",
                [](Plugin& p) { p.tool("", "x").handle([] {}); });
        refused("tool 'a' is declared twice",
                [](Plugin& p)
                {
                    p.tool("a", "x").handle([] {});
                    p.tool("a", "x").handle([] {});
                });
        refused("tool 'a' has no handler", [](Plugin& p) { p.tool("a", "x").title("y"); });
        refused("prompt 'a' has no handler", [](Plugin& p) { p.prompt("a", "x"); });
        refused("the resource x://y is declared twice",
                [](Plugin& p)
                {
                    p.resource("x://y", "y").handle([] { return ""; });
                    p.resource("x://y", "y").handle([] { return ""; });
                });
        refused("the handler of x://{a}/{b} takes 1 variables, the template has 2",
                [](Plugin& p) { p.resourceTemplate("x://{a}/{b}", "y").handle([](std::string_view) { return ""; }); });
        refused("skill 'skill://a/B': expected skill://…/name with a name of 1 to 64 small letters, digits and single "
                "hyphens",
                [](Plugin& p) { p.skill("skill://a/B", "x", "y"); });
        refused("an exception of an unknown type", [](Plugin&) { throw 1; });
        CPPUNIT_ASSERT(detail::isValidName(std::string(128, 'a')) && !detail::isValidName(std::string(129, 'a')));
    }

    void startAndStop()
    {
        MockHost host;
        const Made plugin(host,
                          [](Plugin& p)
                          {
                              p.onStart([&p] { p.log(LogLevel::Info, "start 1"); });
                              p.onStart([&p] { p.log(LogLevel::Info, "start 2"); });
                              p.onStop([&p] { p.log(LogLevel::Info, "stop 1"); });
                              p.onStop([] { throw std::runtime_error("cannot stop"); });
                              p.onStop([&p] { p.log(LogLevel::Info, "stop 3"); });
                          });
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin.get()->start(plugin.get()));
        plugin.get()->stop(plugin.get());
        const std::vector<std::string> expected = {"1 start 1", "1 start 2", "1 stop 3", "4 cannot stop", "1 stop 1"};
        CPPUNIT_ASSERT(expected == host.logLines);
    }

    void failedStart()
    {
        MockHost host;
        const Made plugin(host, [](Plugin& p) { p.onStart([] { throw std::runtime_error("no database"); }); });
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_FAILED), plugin.get()->start(plugin.get()));
        expect("4 no database", host.logLines.at(0));
    }

    void ownedObjectsGoLast()
    {
        static std::string order;
        order.clear();
        struct Named
        {
            explicit Named(char given) : name(given) {}
            ~Named() { order += name; }
            char name;
        };
        MockHost host;
        {
            const Made plugin(host,
                              [](Plugin& p)
                              {
                                  p.make<Named>('a');
                                  p.make<Named>('b');
                                  p.tool("t", "x").handle([named = std::make_shared<Named>('h')] { return 1; });
                              });
        }
        expect("hba", order);
    }

    void settings()
    {
        MockHost host({{"text", " a b "},
                       {"count", "12"},
                       {"on", "yes"},
                       {"ratio", "0.5"},
                       {"size", "large"},
                       {"wait", "250"},
                       {"roots", "/a, /b c ,/d"},
                       {"numbers", "1,2"}});
        const Made plugin(host,
                          [](Plugin& p)
                          {
                              expect("a b", *p.setting("text"));
                              CPPUNIT_ASSERT_EQUAL(12, *p.setting<int>("count"));
                              CPPUNIT_ASSERT_EQUAL(12, p.setting("count", 3));
                              CPPUNIT_ASSERT_EQUAL(3, p.setting("other", 3));
                              expect("def", p.setting("other", "def"));
                              CPPUNIT_ASSERT(p.setting("on", false));
                              CPPUNIT_ASSERT_EQUAL(0.5, p.requiredSetting<double>("ratio"));
                              CPPUNIT_ASSERT(p.requiredSetting<Size>("size") == Size::Large);
                              CPPUNIT_ASSERT(p.setting("wait", std::chrono::milliseconds(1)).count() == 250);
                              const std::vector<std::string> roots = {"/a", "/b c", "/d"};
                              CPPUNIT_ASSERT(roots == p.requiredSetting<std::vector<std::string>>("roots"));
                              CPPUNIT_ASSERT((std::vector<int>{1, 2} == p.setting("numbers", std::vector<int>())));
                              CPPUNIT_ASSERT_EQUAL(std::size_t(8), p.settings().size());
                              expect("12", p.settings().at("count"));
                              CPPUNIT_ASSERT_EQUAL(std::string_view("mock"), p.name());
                          });
        CPPUNIT_ASSERT_MESSAGE(host.logLines.empty() ? "" : host.logLines[0], plugin.get());
    }

    void settingErrors()
    {
        refused("plugin.mock.count: expected an integer from -32768 to 32767, found '1x'",
                [](Plugin& p) { p.setting<int16_t>("count"); }, {{"count", "1x"}});
        refused("plugin.mock.count: expected an integer from 0 to 255, found '256'",
                [](Plugin& p) { p.setting<uint8_t>("count"); }, {{"count", "256"}});
        refused("plugin.mock.on: expected true or false, found 'maybe'", [](Plugin& p) { p.setting("on", true); },
                {{"on", "maybe"}});
        refused("plugin.mock.size: expected one of small, large, found ''", [](Plugin& p) { p.setting<Size>("size"); },
                {{"size", ""}});
        refused("plugin.mock.list: expected a list, separated by commas, each a number, found '1,x'",
                [](Plugin& p) { p.setting<std::vector<double>>("list"); }, {{"list", "1,x"}});
        refused("plugin.mock.root is not set: expected a text", [](Plugin& p) { p.requiredSetting("root"); });
    }

    void declaredSettings()
    {
        namespace fs = std::filesystem;
        MockHost host({{"limit", "50"}, {"wait", "30s"}, {"cache", "4M"}, {"roots", "a, /b"}, {"token", "x"}});
        const Made plugin(
            host,
            [](Plugin& p)
            {
                CPPUNIT_ASSERT_EQUAL(50, p.setting("limit", 100, "Rows at most", "1..10000"));
                CPPUNIT_ASSERT(p.setting("wait", std::chrono::milliseconds(250), "How long").count() == 30000);
                CPPUNIT_ASSERT_EQUAL(uint64_t(4 << 20), p.setting("cache", ByteSize{1024}, "What is kept").bytes);
                CPPUNIT_ASSERT(
                    (std::vector<fs::path>{"/conf/a", "/b"} == p.setting("roots", std::vector<fs::path>(), "Folders")));
                CPPUNIT_ASSERT(p.setting("size", Size::Small, "How much") == Size::Small);
                CPPUNIT_ASSERT(!p.optionalSetting<bool>("fast", "Whether to hurry"));
                expect("x", p.requiredSetting("token", "Who we are"));
                p.declareSetting("env.*", "The environment");
            });
        CPPUNIT_ASSERT_MESSAGE(host.logLines.empty() ? "" : host.logLines[0], plugin.get());
        expect(R"({"name":"sample","version":"1.2.3","settings":[)"
               R"({"name":"limit","type":"integer","default":"100","allowed":"1..10000","help":"Rows at most"},)"
               R"({"name":"wait","type":"duration","default":"250","help":"How long"},)"
               R"({"name":"cache","type":"size","default":"1024","help":"What is kept"},)"
               R"({"name":"roots","type":"paths","help":"Folders"},)"
               R"({"name":"size","type":"choice","default":"small","allowed":"small|large","help":"How much"},)"
               R"({"name":"fast","type":"boolean","help":"Whether to hurry"},)"
               R"({"name":"token","type":"text","help":"Who we are","required":true},)"
               R"({"name":"env.*","type":"text","help":"The environment"}]})",
               std::string(toView(plugin.get()->manifest)));

        refused("plugin.mock.limit: expected a number in 1..100, found '101'",
                [](Plugin& p) { p.setting("limit", 10, "Rows", "1..100"); }, {{"limit", "101"}});
        refused("plugin.mock.wait: expected a duration (a number of milliseconds, or 30s, 5m, 1h), found '3 weeks'",
                [](Plugin& p) { p.setting("wait", std::chrono::milliseconds(1)); }, {{"wait", "3 weeks"}});
        const Made none(host, [](Plugin& p) { p.takesNoOtherSettings(); });
        expect(R"({"name":"sample","version":"1.2.3","settings":[]})", std::string(toView(none.get()->manifest)));
    }

    void logAndNotifications()
    {
        MockHost host;
        const Made plugin(host,
                          [](Plugin& p)
                          {
                              p.onStart(
                                  [&p]
                                  {
                                      p.log(LogLevel::Warning, "careful");
                                      p.listChanged(List::Resources);
                                      p.resourceUpdated("x://y");
                                  });
                          });
        plugin.get()->start(plugin.get());
        expect("3 careful", host.logLines.at(0));
        CPPUNIT_ASSERT_EQUAL(tenon_list_kind(TENON_LIST_RESOURCES), host.changedLists.at(0));
        expect("x://y", host.updatedResources.at(0));
    }

    void addedWhileItRuns()
    {
        static Plugin* self;
        MockHost host;
        const Made plugin(host,
                          [](Plugin& p)
                          {
                              self = &p;
                              p.tool("a", "x").handle([] { return "a"; });
                          });
        {
            auto half = self->tool("b", "x");
            CPPUNIT_ASSERT_MESSAGE("not listed before it has its handler",
                                   plugin.list(plugin.tools().list).find("\"b\"") == std::string::npos);
            half.handle([] { return "b"; });
        }
        CPPUNIT_ASSERT(plugin.list(plugin.tools().list).find("\"b\"") != std::string::npos);
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin.tools().call(plugin.get(), 1, call.abi()));
        expect(R"({"content":[{"type":"text","text":"b"}]})", call.result);
        CPPUNIT_ASSERT_THROW(self->tool("b", "x"), std::invalid_argument);
    }

    void removedToolsKeepTheirNumbers()
    {
        static Plugin* self;
        MockHost host;
        const Made plugin(host,
                          [](Plugin& p)
                          {
                              self = &p;
                              for (const char* name : {"a", "b", "c"})
                              {
                                  p.tool(name, "x").handle([name] { return name; });
                                  p.prompt(name, "x").handle([name] { return name; });
                              }
                          });
        CPPUNIT_ASSERT(self->removeTool("a") && !self->removeTool("a"));
        CPPUNIT_ASSERT(self->removePrompt("b"));
        const std::string schema = R"("inputSchema":{"type":"object","properties":{},"additionalProperties":false},)";
        expect(R"([{"name":"b","description":"x",)" + schema + R"("tenon":{"index":1}},)" +
                   R"({"name":"c","description":"x",)" + schema + R"("tenon":{"index":2}}])",
               plugin.list(plugin.tools().list));
        expect(R"([{"name":"a","description":"x"},{"name":"c","description":"x","tenon":{"index":2}}])",
               plugin.list(plugin.prompts().list));
        MockCall removed;
        CPPUNIT_ASSERT_EQUAL_MESSAGE("a call that was made before goes on", tenon_status(TENON_OK),
                                     plugin.tools().call(plugin.get(), 0, removed.abi()));
        expect(R"({"content":[{"type":"text","text":"a"}]})", removed.result);
        self->tool("a", "again").handle([] { return "new"; });
        MockCall added;
        plugin.tools().call(plugin.get(), 3, added.abi());
        expect(R"({"content":[{"type":"text","text":"new"}]})", added.result);
    }

    void manyTools()
    {
        MockHost host;
        const Made plugin(host,
                          [](Plugin& p)
                          {
                              for (int i = 0; i < 300; ++i)
                                  p.tool("t" + std::to_string(i), "x").handle([i] { return i; });
                          });
        for (const uint32_t index : {0u, 63u, 64u, 127u, 128u, 299u})
        {
            MockCall call;
            plugin.tools().call(plugin.get(), index, call.abi());
            expect(R"({"content":[{"type":"text","text":")" + std::to_string(index) + "\"}]}", call.result);
        }
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), plugin.tools().call(plugin.get(), 300, call.abi()));
    }

    void state()
    {
        static std::string loaded;
        MockHost host;
        const Made plugin(host,
                          [](Plugin& p)
                          {
                              p.saveState([] { return std::string("a\0b", 3); });
                              p.loadState(
                                  [](std::string_view version, std::string_view state)
                                  {
                                      if (state.empty())
                                          throw std::runtime_error("nothing to load");
                                      loaded = std::string(version) + ':' + std::string(state);
                                  });
                          });
        const auto* const api = plugin.api<tenon_state>(TENON_EXT_STATE);
        const tenon_text saved = api->save(plugin.get());
        CPPUNIT_ASSERT_EQUAL(uint64_t(3), saved.size);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), api->load(plugin.get(), toText("1.0.0"), saved));
        expect(std::string("1.0.0:a\0b", 9), loaded);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_FAILED), api->load(plugin.get(), toText("1"), toText("")));
    }

    void progressAndLogOfACall()
    {
        MockHost host;
        const Made plugin(host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      call.progress(1, 4, "first");
                                      call.progress(2);
                                      call.log(LogLevel::Info, "a \"text\"");
                                      call.log(LogLevel::Error, Name{"Ada"}, "people");
                                      call.releaseStream(std::chrono::seconds(2));
                                  });
                          });
        MockCall call;
        plugin.tools().call(plugin.get(), 0, call.abi());
        expect("1/4 first", call.progress.at(0));
        expect("2/0 ", call.progress.at(1));
        expect(R"(1  "a \"text\"")", call.logs.at(0));
        expect(R"(4 people {"name":"Ada"})", call.logs.at(1));
        CPPUNIT_ASSERT_EQUAL(2000u, call.retryMs);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginTest);

#include "unit/sdk/MockHost.h"
#include "unit/sdk/Samples.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using namespace tenon::test;

/// Resources, templates, subscriptions, skills, prompts and completion.
class ResourceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ResourceTest);
    CPPUNIT_TEST(lists);
    CPPUNIT_TEST(readText);
    CPPUNIT_TEST(readBinaryAndCache);
    CPPUNIT_TEST(readTemplate);
    CPPUNIT_TEST(readWhatIsNotThere);
    CPPUNIT_TEST(readDescribedStruct);
    CPPUNIT_TEST(subscriptions);
    CPPUNIT_TEST(removed);
    CPPUNIT_TEST(skills);
    CPPUNIT_TEST(views);
    CPPUNIT_TEST(viewsNeedTheirScheme);
    CPPUNIT_TEST(promptList);
    CPPUNIT_TEST(promptMessages);
    CPPUNIT_TEST(promptArguments);
    CPPUNIT_TEST(completion);
    CPPUNIT_TEST(completionIsLimited);
    CPPUNIT_TEST_SUITE_END();

    MockHost _host;

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

    std::string read(void (*body)(Plugin&), const std::string& arguments)
    {
        const Made plugin(_host, body);
        CPPUNIT_ASSERT(plugin.get());
        MockCall call(arguments);
        const tenon_status status = plugin.resources().read(plugin.get(), call.abi());
        if (status)
            return "status " + std::to_string(status);
        return call.failure ? "failed " + std::to_string(call.failure) + ": " + call.message : call.result;
    }

    static std::string complete(const Made& plugin, const std::string& arguments)
    {
        MockCall call(arguments);
        const auto* const api = plugin.api<tenon_completion>(TENON_EXT_COMPLETION);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), api->complete(plugin.get(), call.abi()));
        return call.result;
    }

public:
    void views()
    {
        const auto body = [](Plugin& p)
        {
            p.tool("face", "Shows a clock")
                .meta(Json{R"({"own":1})"})
                .ui(Ui("ui://clock/face", "<!doctype html><p>12:00</p>")
                        .connectTo({"https://api.example"})
                        .permission(UiPermission::Geolocation)
                        .prefersBorder())
                .handle([] { return std::string("noon"); });
            p.tool("tick", "For the view alone")
                .ui(Ui("ui://clock/face", "<!doctype html>").visibleTo(UiVisibility::App))
                .handle([] { return std::string("tick"); });
        };
        const Made plugin(_host, body);
        CPPUNIT_ASSERT(plugin.get());
        const std::string tools = plugin.list(plugin.tools().list);
        CPPUNIT_ASSERT(tools.find(R"("_meta":{"ui":{"resourceUri":"ui://clock/face"},"own":1})") != std::string::npos);
        CPPUNIT_ASSERT(tools.find(R"({"resourceUri":"ui://clock/face","visibility":["app"]})") != std::string::npos);
        const std::string meta = R"("_meta":{"ui":{"csp":{"connectDomains":["https://api.example"]},)"
                                 R"("permissions":{"geolocation":{}},"prefersBorder":true}})";
        const std::string resources = plugin.list(plugin.resources().list);
        CPPUNIT_ASSERT(resources.find(meta) != std::string::npos);
        // One document for both: the first that was given.
        expect(R"({"contents":[{"uri":"ui://clock/face","mimeType":"text/html;profile=mcp-app",)"
               R"("text":"<!doctype html><p>12:00</p>",)" +
                   meta + "}]}",
               read(body, R"({"uri":"ui://clock/face"})"));
    }

    void viewsNeedTheirScheme()
    {
        CPPUNIT_ASSERT_THROW(Ui("https://clock", "<p>"), std::invalid_argument);
        CPPUNIT_ASSERT_THROW(Ui("ui://", "<p>"), std::invalid_argument);
    }

    void lists()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.resource("x://a", "a", "An A")
                                  .title("A")
                                  .mimeType("text/plain")
                                  .size(3)
                                  .audience({Role::Assistant})
                                  .priority(1)
                                  .handle([] { return "abc"; });
                              p.resource("x://b", "b").handle([] { return "b"; });
                              p.resourceTemplate("x://{id}/data", "t", "By id")
                                  .mimeType("application/json")
                                  .handle([] { return ""; });
                          });
        expect(R"([{"uri":"x://a","name":"a","title":"A","description":"An A",)"
               R"("annotations":{"audience":["assistant"],"priority":1},"mimeType":"text/plain","size":3},)"
               R"({"uri":"x://b","name":"b"}])",
               plugin.list(plugin.resources().list));
        expect(R"([{"uriTemplate":"x://{id}/data","name":"t","description":"By id","mimeType":"application/json"}])",
               plugin.list(plugin.resources().templates));
        CPPUNIT_ASSERT(!plugin.resources().subscribe && !plugin.resources().unsubscribe);
    }

    void readText()
    {
        expect(R"({"contents":[{"uri":"x://a","mimeType":"text/plain","text":"abc"}]})",
               read([](Plugin& p) { p.resource("x://a", "a").mimeType("text/plain").handle([] { return "abc"; }); },
                    R"({"uri":"x://a"})"));
    }

    void readBinaryAndCache()
    {
        expect(R"({"contents":[{"uri":"x://a","blob":"YWI="}],"ttlMs":500,"cacheScope":"private"})",
               read([](Plugin& p)
                    { p.resource("x://a", "a").cache(500, CacheScope::Private).handle([] { return Bytes{"ab"}; }); },
                    R"({"uri":"x://a"})"));
        expect(R"({"contents":[{"uri":"x://a","mimeType":"t/1","text":"1","_meta":{"m":1}},)"
               R"({"uri":"x://a/2","mimeType":"t/2","blob":"Mg=="}],"ttlMs":7,"cacheScope":"public"})",
               read(
                   [](Plugin& p)
                   {
                       p.resource("x://a", "a")
                           .mimeType("t/1")
                           .cache(500)
                           .handle(
                               [] {
                                   return ResourceResult()
                                       .text("1")
                                       .meta({R"({"m":1})"})
                                       .blob({"2"}, "t/2", "x://a/2")
                                       .cache(7);
                               });
                   },
                   R"({"uri":"x://a"})"));
    }

    void readTemplate()
    {
        const auto byPosition = [](Plugin& p)
        {
            p.resourceTemplate("x://{id}/{+path}", "t")
                .handle([](Call& call, std::string_view id, std::string_view path)
                        { return std::string(id) + '|' + std::string(path) + '|' + std::string(call.uri()); });
        };
        const std::string arguments =
            R"({"uri":"x://1/a%20b/c","template":"x://{id}/{+path}","variables":{"id":"1","path":"a b/c"}})";
        expect(R"({"contents":[{"uri":"x://1/a%20b/c","text":"1|a b/c|x://1/a%20b/c"}]})", read(byPosition, arguments));
        const auto byName = [](Plugin& p) {
            p.resourceTemplate("x://{id}/{+path}", "t")
                .handle([](Call& call) { return std::string(call.variable("path")); });
        };
        expect(R"({"contents":[{"uri":"x://1/a%20b/c","text":"a b/c"}]})", read(byName, arguments));
    }

    void readWhatIsNotThere()
    {
        const auto body = [](Plugin& p)
        { p.resource("x://a", "a").handle([]() -> std::string { throw NotFound("It has gone."); }); };
        expect("failed -2: It has gone.", read(body, R"({"uri":"x://a"})"));
        expect("status -2", read(body, R"({"uri":"x://b"})"));
        expect("status -2", read(body, R"({"uri":"x://b","template":"x://{b}","variables":{"b":"b"}})"));
    }

    void readDescribedStruct()
    {
        expect(R"({"contents":[{"uri":"x://a","mimeType":"application/json","text":"{\"name\":\"Ada\"}"}]})",
               read([](Plugin& p)
                    { p.resource("x://a", "a").mimeType("application/json").handle([] { return Name{"Ada"}; }); },
                    R"({"uri":"x://a"})"));
    }

    void subscriptions()
    {
        static std::vector<std::string> seen;
        seen.clear();
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.resource("x://a", "a").handle([] { return ""; });
                              p.onSubscribe(
                                  [](std::string_view uri)
                                  {
                                      if (uri == "x://no")
                                          throw NotFound("nothing to watch");
                                      seen.push_back('+' + std::string(uri));
                                  });
                              p.onUnsubscribe([](std::string_view uri) { seen.push_back('-' + std::string(uri)); });
                          });
        const tenon_resources& api = plugin.resources();
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), api.subscribe(plugin.get(), toText("x://a")));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), api.subscribe(plugin.get(), toText("x://no")));
        api.unsubscribe(plugin.get(), toText("x://a"));
        CPPUNIT_ASSERT((std::vector<std::string>{"+x://a", "-x://a"} == seen));
    }

    void removed()
    {
        static Plugin* self;
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              self = &p;
                              p.resource("x://a", "a").handle([] { return "old"; });
                          });
        CPPUNIT_ASSERT(self->removeResource("x://a"));
        expect("[]", plugin.list(plugin.resources().list));
        MockCall gone(R"({"uri":"x://a"})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), plugin.resources().read(plugin.get(), gone.abi()));
        self->resource("x://a", "a").handle([] { return "new"; });
        MockCall call(R"({"uri":"x://a"})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin.resources().read(plugin.get(), call.abi()));
        expect(R"({"contents":[{"uri":"x://a","text":"new"}]})", call.result);
    }

    void skills()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.skill("skill://acme/greeter", "Greets \"well\"", "# Greeting")
                                  .file("examples/one.md", "hi", "text/markdown")
                                  .file("logo.png", Bytes{"\x01"}, "image/png");
                          });
        const auto& api = *plugin.api<tenon_skills>(TENON_EXT_SKILLS);
        expect(R"([{"uri":"skill://acme/greeter/SKILL.md","frontmatter":{"name":"greeter",)"
               R"("description":"Greets \"well\""},"resources":[)"
               R"({"uri":"skill://acme/greeter/SKILL.md",)"
               R"("digest":"sha256:)" +
                   detail::sha256("---\nname: greeter\ndescription: \"Greets \\\"well\\\"\"\n---\n\n# Greeting") +
                   R"(","size":64},)"
                   R"({"uri":"skill://acme/greeter/examples/one.md",)"
                   R"("digest":"sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4","size":2},)"
                   R"({"uri":"skill://acme/greeter/logo.png",)"
                   R"("digest":"sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a","size":1}]}])",
               plugin.list(api.list));

        MockCall top(R"({"uri":"skill://acme/greeter"})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), api.read_directory(plugin.get(), top.abi()));
        expect(R"({"resources":[{"uri":"skill://acme/greeter/SKILL.md","name":"SKILL.md","mimeType":"text/markdown",)"
               R"("size":64},{"uri":"skill://acme/greeter/examples","name":"examples","mimeType":"inode/directory"},)"
               R"({"uri":"skill://acme/greeter/logo.png","name":"logo.png","mimeType":"image/png","size":1}]})",
               top.result);
        MockCall file(R"({"uri":"skill://acme/greeter/SKILL.md"})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), api.read_directory(plugin.get(), file.abi()));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), file.failure);

        MockCall read(R"({"uri":"skill://acme/greeter/examples/one.md"})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin.resources().read(plugin.get(), read.abi()));
        expect(
            R"({"contents":[{"uri":"skill://acme/greeter/examples/one.md","mimeType":"text/markdown","text":"hi"}]})",
            read.result);
    }

    void promptList()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.prompt("review", "Reviews code")
                                  .title("Review")
                                  .argument("code", "The code")
                                  .argument<std::optional<std::string>>("style")
                                  .handle([](std::string, std::optional<std::string>) { return ""; });
                          });
        expect(R"([{"name":"review","title":"Review","description":"Reviews code","arguments":[)"
               R"({"name":"code","description":"The code","required":true},{"name":"style","required":false}]}])",
               plugin.list(plugin.prompts().list));
    }

    void promptMessages()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.prompt("p", "A prompt")
                                  .handle(
                                      []
                                      {
                                          return PromptResult("one")
                                              .assistant("two")
                                              .message(Role::User, Content::image({"a"}, "image/png"))
                                              .description("Another");
                                      });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin.prompts().get(plugin.get(), 0, call.abi()));
        expect(R"({"description":"Another","messages":[{"role":"user","content":{"type":"text","text":"one"}},)"
               R"({"role":"assistant","content":{"type":"text","text":"two"}},)"
               R"({"role":"user","content":{"type":"image","data":"YQ==","mimeType":"image/png"}}]})",
               call.result);
    }

    void promptArguments()
    {
        const Made plugin(
            _host,
            [](Plugin& p)
            {
                p.prompt("p", "").argument("a").argument<std::optional<std::string>>("b").argument<Size>("c").handle(
                    [](Call&, std::string a, std::optional<std::string> b, Size c)
                    { return a + b.value_or("-") + (c == Size::Large ? "L" : "S"); });
            });
        MockCall call(R"({"a":"x","c":"large"})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin.prompts().get(plugin.get(), 0, call.abi()));
        expect(R"({"messages":[{"role":"user","content":{"type":"text","text":"x-L"}}]})", call.result);
        MockCall bad(R"({"a":"x","c":"huge"})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin.prompts().get(plugin.get(), 0, bad.abi()));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID), bad.failure);
        expect("c: 'huge' is none of small, large", bad.message);
    }

    void completion()
    {
        const Made plugin(
            _host,
            [](Plugin& p)
            {
                p.prompt("p", "x")
                    .argument("city")
                    .argument<Size>("size")
                    .complete("city",
                              [](Call& call, std::string_view typed) {
                                  return std::vector<std::string>{std::string(typed) + '@' +
                                                                  std::string(call.resolved("country"))};
                              })
                    .handle([](std::string, Size) { return ""; });
                p.resourceTemplate("x://{id}", "t").complete("id", {"Alpha", "alps", "beta"}).handle([] { return ""; });
            });
        const std::string end = R"("total":1,"hasMore":false}})";
        expect(R"({"completion":{"values":["Pa@fr"],)" + end,
               complete(plugin, R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"city","value":"Pa"},)"
                                R"("context":{"arguments":{"country":"fr"}}})"));
        expect(R"({"completion":{"values":["large"],)" + end,
               complete(plugin, R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"size","value":"L"}})"));
        expect(R"({"completion":{"values":["Alpha","alps"],"total":2,"hasMore":false}})",
               complete(plugin,
                        R"({"ref":{"type":"ref/resource","uri":"x://{id}"},"argument":{"name":"id","value":"AL"}})"));
        expect(R"({"completion":{"values":[],"total":0,"hasMore":false}})",
               complete(plugin, R"({"ref":{"type":"ref/prompt","name":"?"},"argument":{"name":"id","value":""}})"));
    }

    void completionIsLimited()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.prompt("p", "x")
                                  .argument("a")
                                  .argument("b")
                                  .complete("a", std::vector<std::string>(150, "x"))
                                  .complete("b",
                                            [](std::string_view) {
                                                return Completion{{"1"}, 9, true};
                                            })
                                  .handle([](std::string, std::string) { return ""; });
                          });
        const std::string many =
            complete(plugin, R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""}})");
        CPPUNIT_ASSERT(many.find(R"("total":150,"hasMore":true)") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t(100), std::count(many.begin(), many.end(), 'x'));
        expect(R"({"completion":{"values":["1"],"total":9,"hasMore":true}})",
               complete(plugin, R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"b","value":""}})"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ResourceTest);

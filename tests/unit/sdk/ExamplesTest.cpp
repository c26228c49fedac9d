#include "unit/sdk/MockHost.h"

#include <Poco/SharedLibrary.h>

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using namespace tenon::test;

namespace
{

/// One example, loaded as the server would.
class Example
{
public:
    explicit Example(const std::string& name, std::map<std::string, std::string> settings = {})
        : host(std::move(settings)),
          _library(std::string(TENON_EXAMPLES_FOLDER) + "/example_" + name + TENON_PLUGIN_SUFFIX,
                   Poco::SharedLibrary::SHLIB_LOCAL)
    {
        const auto* const entry = static_cast<const tenon_plugin_entry*>(_library.getSymbol(TENON_ENTRY_SYMBOL));
        CPPUNIT_ASSERT_EQUAL(uint16_t(TENON_ABI_MAJOR), entry->abi_major);
        _plugin = host.make([entry](const tenon_host* abi, tenon_plugin** made) { return entry->create(abi, made); });
        CPPUNIT_ASSERT_MESSAGE(host.logLines.empty() ? "refused" : host.logLines[0], _plugin);
        if (_plugin->start)
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), _plugin->start(_plugin));
    }

    Example(const Example&) = delete;
    Example& operator=(const Example&) = delete;

    ~Example()
    {
        if (_plugin->stop)
            _plugin->stop(_plugin);
        _plugin->destroy(_plugin);
        _library.unload();
    }

    template <class Api>
    const Api& api(const char* id) const
    {
        const void* const found = _plugin->extension(_plugin, id);
        CPPUNIT_ASSERT_MESSAGE(id, found);
        return *static_cast<const Api*>(found);
    }

    std::string tools() const { return std::string(toView(api<tenon_tools>(TENON_EXT_TOOLS).list(_plugin))); }

    tenon_status call(uint32_t index, MockCall& call) const
    {
        call.reenter();
        return api<tenon_tools>(TENON_EXT_TOOLS).call(_plugin, index, call.abi());
    }

    /// The first text of the tool's result, or its failure.
    std::string text(uint32_t index, const std::string& arguments = "{}") const
    {
        MockCall made(arguments);
        const tenon_status status = call(index, made);
        CPPUNIT_ASSERT(status == TENON_OK || status == TENON_ASYNC);
        made.wait();
        return textOf(made);
    }

    static std::string textOf(const MockCall& call)
    {
        if (call.failure)
            return "failed: " + call.message;
        simdjson::dom::parser parser;
        return std::string(parser.parse(call.result).at_pointer("/content/0/text").get_string().value());
    }

    std::string read(const std::string& arguments) const
    {
        MockCall made(arguments);
        const tenon_status status = api<tenon_resources>(TENON_EXT_RESOURCES).read(_plugin, made.abi());
        return status         ? "status " + std::to_string(status)
               : made.failure ? "failed " + std::to_string(made.failure)
                              : made.result;
    }

    std::string prompt(uint32_t index, const std::string& arguments) const
    {
        MockCall made(arguments);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK),
                             api<tenon_prompts>(TENON_EXT_PROMPTS).get(_plugin, index, made.abi()));
        return made.result;
    }

    std::string complete(const std::string& arguments) const
    {
        MockCall made(arguments);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK),
                             api<tenon_completion>(TENON_EXT_COMPLETION).complete(_plugin, made.abi()));
        return made.result;
    }

    tenon_plugin* plugin() const { return _plugin; }

    MockHost host;

private:
    Poco::SharedLibrary _library;
    tenon_plugin* _plugin;
};

} // namespace

/// Every example of sdk/README.md does what it says.
class ExamplesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ExamplesTest);
    CPPUNIT_TEST(hello);
    CPPUNIT_TEST(helloInC);
    CPPUNIT_TEST(parameters);
    CPPUNIT_TEST(rawSchema);
    CPPUNIT_TEST(results);
    CPPUNIT_TEST(progress);
    CPPUNIT_TEST(elicitation);
    CPPUNIT_TEST(sampling);
    CPPUNIT_TEST(samplingWithTools);
    CPPUNIT_TEST(together);
    CPPUNIT_TEST(async);
    CPPUNIT_TEST(resources);
    CPPUNIT_TEST(prompts);
    CPPUNIT_TEST(settings);
    CPPUNIT_TEST(dynamic);
    CPPUNIT_TEST(tasks);
    CPPUNIT_TEST(skills);
    CPPUNIT_TEST(state);
    CPPUNIT_TEST(notesInC);
    CPPUNIT_TEST_SUITE_END();

    static constexpr tenon_status OK = TENON_OK;
    static constexpr tenon_status PENDING = TENON_INPUT_PENDING;

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

    static void expectIn(const std::string& part, const std::string& whole)
    {
        CPPUNIT_ASSERT_MESSAGE(part + " is not in " + whole, whole.find(part) != std::string::npos);
    }

public:
    void hello()
    {
        const Example example("hello");
        expect("Hello, Ada! ", example.text(0, R"({"name":"Ada"})"));
        expect("Hello, Ada! Hello, Ada! ", example.text(0, R"({"name":"Ada","times":2})"));
    }

    void helloInC()
    {
        const Example example("hello_c");
        expect("Hello, Ada!", example.text(0, R"({"name":"Ada"})"));
        expect("failed: The name is too long: 200 bytes at most.",
               example.text(0, R"({"name":")" + std::string(201, 'x') + "\"}"));
    }

    void parameters()
    {
        const Example example("parameters");
        expect("To Bath by west, 2.00 kg, 1 notes",
               example.text(0, R"({"to":{"street":"High Street 1","city":"Bath"},"weight":2,"notes":["ring"],)"
                               R"("region":"west"})"));
        expect("To Bath, 4.53 kg, 0 notes",
               example.text(0, R"({"to":{"street":"High Street 1","city":"Bath"},"weight":10,"unit":"imperial"})"));
        expect("1 of AB12", example.text(1, R"({"article":"AB12"})"));
        expectIn(R"("x-mcp-header":"Region")", example.tools());
    }

    void rawSchema()
    {
        const Example example("raw_schema");
        expect("12", example.text(0, R"({"width":3,"height":4})"));
        expect("3.14159265", example.text(0, R"({"radius":1})"));
        expect("a=1 b=2 numbers c=\"x\" ", example.text(1, R"({"a":1,"b":[1,2],"c":"x"})"));
    }

    void results()
    {
        const Example example("results");
        expect("It rains.", example.text(0));
        expect(R"({"temperature":18.5,"sky":"cloudy"})", example.text(1, R"({"city":"Bath"})"));
        expectIn("Ask for another city.", example.text(1, R"({"city":"Atlantis"})"));
        expect("Partly cloudy.", example.text(2));
        MockCall rows;
        example.call(3, rows);
        expectIn("998,999]", rows.result);
    }

    void progress()
    {
        const Example example("progress");
        MockCall call(R"({"to":3})");
        CPPUNIT_ASSERT_EQUAL(OK, example.call(0, call));
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), call.progress.size());
        expect("3/3 at 3", call.progress.back());
        expect(R"(1  "counting begins")", call.logs.at(0));
        MockCall cancelled(R"({"to":3})");
        cancelled.cancelled = true;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_CANCELLED), example.call(0, cancelled));
    }

    void elicitation()
    {
        const Example example("elicitation");
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, example.call(0, call));
        call.answers["pizza"] = R"({"action":"accept","content":{"name":"Margherita","size":"large"}})";
        CPPUNIT_ASSERT_EQUAL(PENDING, example.call(0, call));
        expectIn("Order Margherita?", call.asked.at("sure"));
        call.answers["sure"] = R"({"action":"accept","content":{"value":true}})";
        CPPUNIT_ASSERT_EQUAL(PENDING, example.call(0, call));
        expectIn("order=4711", call.asked.at("pay"));
        call.answers["pay"] = R"({"action":"accept"})";
        CPPUNIT_ASSERT_EQUAL(OK, example.call(0, call));
        expect("Ordered 1 x Margherita, number 4711", Example::textOf(call));

        MockCall declined;
        declined.answers["pizza"] = R"({"action":"decline"})";
        CPPUNIT_ASSERT_EQUAL(OK, example.call(0, declined));
        expect("The user wants no pizza.", Example::textOf(declined));
    }

    void sampling()
    {
        const Example example("sampling");
        MockCall call(R"({"text":"long"})");
        CPPUNIT_ASSERT_EQUAL(PENDING, example.call(0, call));
        expectIn("Sum up in one sentence: long", call.asked.at("summary"));
        call.answers["summary"] = R"({"role":"assistant","model":"m","content":{"type":"text","text":"short"}})";
        CPPUNIT_ASSERT_EQUAL(OK, example.call(0, call));
        expect("short", Example::textOf(call));
    }

    void samplingWithTools()
    {
        const Example example("sampling");
        MockCall call(R"({"question":"Umbrella?"})");
        CPPUNIT_ASSERT_EQUAL(PENDING, example.call(1, call));
        call.answers["round 0"] = R"({"role":"assistant","model":"m","content":[)"
                                  R"({"type":"tool_use","id":"a","name":"weather","input":{"city":"Bath"}}]})";
        CPPUNIT_ASSERT_EQUAL(PENDING, example.call(1, call));
        expectIn("Sunny in Bath", call.asked.at("round 1"));
        call.answers["round 1"] = R"({"role":"assistant","model":"m","content":{"type":"text","text":"No."}})";
        CPPUNIT_ASSERT_EQUAL(OK, example.call(1, call));
        expect("No.", Example::textOf(call));
    }

    void together()
    {
        const Example example("together");
        expect("The client tells no folders.", example.text(0));
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, example.call(1, call));
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), call.asked.size());
        call.answers["who"] = R"({"action":"accept","content":{"name":"Ada"}})";
        call.answers["greeting"] = R"({"role":"assistant","model":"m","content":{"type":"text","text":"Hi"}})";
        call.answers["roots"] = R"({"roots":[{"uri":"file:///a"}]})";
        CPPUNIT_ASSERT_EQUAL(OK, example.call(1, call));
        expect("Hi Ada, you have 1 folders.", Example::textOf(call));
    }

    void async()
    {
        const Example example("async");
        expect("olleh", example.text(0, R"({"text":"hello"})"));
        expectIn("give a text", example.text(0, R"({"text":""})"));
    }

    void resources()
    {
        const Example example("resources");
        expect(R"({"contents":[{"uri":"notes://about","mimeType":"text/plain","text":"Notes of this server."}],)"
               R"("ttlMs":3600000,"cacheScope":"public"})",
               example.read(R"({"uri":"notes://about"})"));
        expectIn("Buy milk",
                 example.read(R"({"uri":"notes://note/1","template":"notes://note/{id}","variables":{"id":"1"}})"));
        expect("failed -2",
               example.read(R"({"uri":"notes://note/9","template":"notes://note/{id}","variables":{"id":"9"}})"));
        MockCall write(R"({"id":"9","text":"New"})");
        CPPUNIT_ASSERT_EQUAL(OK, example.call(0, write));
        expect("notes://note/9", example.host.updatedResources.at(0));
        const auto& api = example.api<tenon_resources>(TENON_EXT_RESOURCES);
        CPPUNIT_ASSERT_EQUAL(OK, api.subscribe(example.plugin(), toText("notes://note/1")));
        api.unsubscribe(example.plugin(), toText("notes://note/1"));
    }

    void prompts()
    {
        const Example example("prompts");
        expectIn(R"(Find every fault in:\nint)", example.prompt(0, R"({"code":"int","tone":"strict"})"));
        expectIn(R"("role":"assistant")", example.prompt(1, R"({"country":"France","city":"Lyon"})"));
        expectIn(R"("values":["Lyon"])", example.complete(R"({"ref":{"type":"ref/prompt","name":"translate"},)"
                                                          R"("argument":{"name":"city","value":"l"},)"
                                                          R"("context":{"arguments":{"country":"France"}}})"));
        expectIn(R"("values":["friendly"])", example.complete(R"({"ref":{"type":"ref/prompt","name":"review"},)"
                                                              R"("argument":{"name":"tone","value":"f"}})"));
    }

    void settings()
    {
        const Example example("settings", {{"folder", "/srv"}, {"limit", "5"}});
        expect("/srv, at most 5, 1 suffixes, 250 ms", example.text(0));
        expect("1 serving /srv", example.host.logLines.at(0));
    }

    void dynamic()
    {
        const Example example("dynamic");
        expect("I can say ada now.", example.text(0, R"({"word":"ada"})"));
        CPPUNIT_ASSERT_EQUAL(tenon_list_kind(TENON_LIST_TOOLS), example.host.changedLists.at(0));
        expectIn("say_ada", example.tools());
        expect("ada", example.text(2));
        MockCall forget(R"({"word":"ada"})");
        CPPUNIT_ASSERT_EQUAL(OK, example.call(1, forget));
        CPPUNIT_ASSERT(example.tools().find("say_ada") == std::string::npos);
        expect("failed: I never learnt to say ada.", example.text(1, R"({"word":"ada"})"));
    }

    void tasks()
    {
        const Example example("tasks");
        expect("computed", example.text(0, R"({"seconds":0})"));
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, example.call(1, call));
        call.answers["sure"] = R"({"action":"accept","content":{"value":true}})";
        CPPUNIT_ASSERT_EQUAL(OK, example.call(1, call));
        CPPUNIT_ASSERT_EQUAL(1, call.tasks);
        expectIn(R"("task":"on-demand")", example.tools());
    }

    void skills()
    {
        const Example example("skills");
        expectIn(R"(---\nname: invoices\n)", example.read(R"({"uri":"skill://acme/invoices/SKILL.md"})"));
        const auto& api = example.api<tenon_skills>(TENON_EXT_SKILLS);
        expectIn("skill://acme/invoices/examples/first.md", std::string(toView(api.list(example.plugin()))));
    }

    void state()
    {
        const Example old("state");
        expect("1", old.text(0));
        expect("2", old.text(0));
        const auto& saver = old.api<tenon_state>(TENON_EXT_STATE);
        const Example next("state");
        const auto& loader = next.api<tenon_state>(TENON_EXT_STATE);
        CPPUNIT_ASSERT_EQUAL(OK, loader.load(next.plugin(), toText("1.0.0"), saver.save(old.plugin())));
        expect("3", next.text(0));
    }

    void notesInC()
    {
        const Example example("notes_c");
        expectIn("Written in C.", example.read(R"({"uri":"cnotes://about"})"));
        expect("status -2", example.read(R"({"uri":"cnotes://other"})"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ExamplesTest);

#include "unit/sdk/MockHost.h"
#include "unit/sdk/Samples.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using namespace tenon::test;

/// Asking the client: the first entry ends pending, the second goes on with the answer.
class InputTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(InputTest);
    CPPUNIT_TEST(form);
    CPPUNIT_TEST(declinedAndCancelled);
    CPPUNIT_TEST(formOfOneValue);
    CPPUNIT_TEST(formOfOwnSchema);
    CPPUNIT_TEST(formDefaults);
    CPPUNIT_TEST(url);
    CPPUNIT_TEST(sampling);
    CPPUNIT_TEST(samplingWithTools);
    CPPUNIT_TEST(roots);
    CPPUNIT_TEST(together);
    CPPUNIT_TEST(twoRounds);
    CPPUNIT_TEST(onceRunsOnce);
    CPPUNIT_TEST(onceKeepsStructs);
    CPPUNIT_TEST(tooMuchToRemember);
    CPPUNIT_TEST(unsupportedGoesToTheHost);
    CPPUNIT_TEST(unsupportedMayBeCaught);
    CPPUNIT_TEST(destructorsRun);
    CPPUNIT_TEST(swallowedUnwinding);
    CPPUNIT_TEST(swallowedAndThrown);
    CPPUNIT_TEST(promptsAskToo);
    CPPUNIT_TEST(task);
    CPPUNIT_TEST_SUITE_END();

    static constexpr tenon_status OK = TENON_OK;
    static constexpr tenon_status PENDING = TENON_INPUT_PENDING;

    MockHost _host;

    static tenon_status enter(const Made& plugin, MockCall& call)
    {
        call.reenter();
        return plugin.tools().call(plugin.get(), 0, call.abi());
    }

    static std::string text(const std::string& text)
    {
        return R"({"content":[{"type":"text","text":")" + text + "\"}]}";
    }

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

    static void asksWho(Plugin& plugin)
    {
        plugin.tool("t", "x").handle(
            [](Call& call) -> std::string
            {
                const Elicited<Name> who = call.elicit<Name>("who", "Who is it for?");
                if (who.declined())
                    return "declined";
                if (who.cancelled())
                    return "cancelled";
                return who->name;
            });
    }

public:
    void form()
    {
        const Made plugin(_host, &asksWho);
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        CPPUNIT_ASSERT(!call.ended);
        expect(
            R"({"method":"elicitation/create","params":{"message":"Who is it for?","requestedSchema":{"type":"object",)"
            R"("properties":{"name":{"type":"string","description":"Your name"}},"required":["name"]}}})",
            call.asked.at("who"));
        call.answers["who"] = R"({"action":"accept","content":{"name":"Ada"}})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("Ada"), call.result);
    }

    void declinedAndCancelled()
    {
        const Made plugin(_host, &asksWho);
        for (const char* action : {"decline", "cancel"})
        {
            MockCall call;
            call.answers["who"] = std::string(R"({"action":")") + action + "\"}";
            CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
            expect(text(action == std::string("decline") ? "declined" : "cancelled"), call.result);
        }
        const Made careless(_host, [](Plugin& p)
                            { p.tool("t", "x").handle([](Call& c) { return c.elicit<Name>("who", "Who?")->name; }); });
        MockCall call;
        call.answers["who"] = R"({"action":"decline"})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(careless, call));
        expect("The user declined to answer.", call.message);
    }

    void formOfOneValue()
    {
        const Made plugin(
            _host, [](Plugin& p)
            { p.tool("t", "x").handle([](Call& call) { return *call.elicit<int>("n", "How many?") + 1; }); });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        expect(
            R"({"method":"elicitation/create","params":{"message":"How many?","requestedSchema":{"type":"object",)"
            R"("properties":{"value":{"type":"integer","minimum":-2147483648,"maximum":2147483647}},"required":["value"]}}})",
            call.asked.at("n"));
        call.answers["n"] = R"({"action":"accept","content":{"value":41}})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("42"), call.result);
    }

    void formOfOwnSchema()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      const auto form =
                                          call.elicit("f", "Fill in", Json{R"({"type":"object","properties":{}})"});
                                      return form.content().json() + std::string((*form)["a"].text());
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        expect(R"({"method":"elicitation/create","params":{"message":"Fill in",)"
               R"("requestedSchema":{"type":"object","properties":{}}}})",
               call.asked.at("f"));
        call.answers["f"] = R"({"action":"accept","content":{"a":"b"}})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text(R"({\"a\":\"b\"}b)"), call.result);
    }

    void formDefaults()
    {
        const Made plugin(_host,
                          [](Plugin& p) {
                              p.tool("t", "x").handle([](Call& call) { return call.elicit<Guest>("p", "Who?")->age; });
                          });
        MockCall call;
        call.answers["p"] = R"({"action":"accept","content":{"name":"Ada"}})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("30"), call.result);
    }

    void url()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call) {
                                      return call.elicitUrl("pay", "Please pay", "https://example.com/pay") ? "paid"
                                                                                                            : "not";
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        expect(R"({"method":"elicitation/create","params":{"mode":"url","message":"Please pay",)"
               R"("url":"https://example.com/pay"}})",
               call.asked.at("pay"));
        call.answers["pay"] = R"({"action":"accept"})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("paid"), call.result);
    }

    void sampling()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      const auto reply = call.sample("s", Sampling("Sum up")
                                                                              .maxTokens(50)
                                                                              .system("Be brief")
                                                                              .temperature(0.5)
                                                                              .hint("small")
                                                                              .priorities(0.25, std::nullopt, 1.0));
                                      return reply.text() + std::string(reply.model()) +
                                             std::string(reply.stopReason());
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        expect(R"({"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":{"type":"text",)"
               R"("text":"Sum up"}}],"maxTokens":50,"systemPrompt":"Be brief","temperature":0.5,)"
               R"("modelPreferences":{"hints":[{"name":"small"}],"costPriority":0.25,"intelligencePriority":1}}})",
               call.asked.at("s"));
        call.answers["s"] =
            R"({"role":"assistant","content":{"type":"text","text":"Short. "},"model":"m ","stopReason":"endTurn"})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("Short. m endTurn"), call.result);
    }

    void samplingWithTools()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      Sampling chat("Weather?");
                                      chat.tool("weather", "Tells", Json{R"({"type":"object"})"}).toolChoice("auto");
                                      const auto first = call.sample("1", chat);
                                      const auto uses = first.toolUses();
                                      chat.reply(first);
                                      for (const ToolUse& use : uses)
                                          chat.toolResult(use.id, {Content::text(use.input["city"].as<std::string>())});
                                      return call.sample("2", chat).text();
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        expect(R"({"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":{"type":"text",)"
               R"("text":"Weather?"}}],"maxTokens":1000,"toolChoice":{"mode":"auto"},)"
               R"("tools":[{"name":"weather","description":"Tells","inputSchema":{"type":"object"}}]}})",
               call.asked.at("1"));
        call.answers["1"] = R"({"role":"assistant","model":"m","content":[)"
                            R"({"type":"tool_use","id":"a","name":"weather","input":{"city":"Paris"}},)"
                            R"({"type":"tool_use","id":"b","name":"weather","input":{"city":"London"}}]})";
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        const std::string expected =
            R"({"role":"user","content":[{"type":"tool_result","toolUseId":"a","content":[{"type":"text","text":"Paris"}]},)"
            R"({"type":"tool_result","toolUseId":"b","content":[{"type":"text","text":"London"}]}]}])";
        CPPUNIT_ASSERT(call.asked.at("2").find(expected) != std::string::npos);
        call.answers["2"] =
            R"({"role":"assistant","model":"m","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("ab"), call.result);
    }

    void roots()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      std::string all;
                                      for (const Root& root : call.roots())
                                          all += root.uri + root.name;
                                      return all;
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        expect(R"({"method":"roots/list","params":{}})", call.asked.at("roots"));
        call.answers["roots"] = R"({"roots":[{"uri":"file:///a"},{"uri":"file:///b","name":"B"}]})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("file:///afile:///bB"), call.result);
    }

    void together()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      const auto [who, greeting, roots] =
                                          call.together(ask::form<Name>("who", "Who?"),
                                                        ask::sample("greeting", "Greet"), ask::roots("folders"));
                                      return who->name + greeting.text() + std::to_string(roots.size());
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        CPPUNIT_ASSERT_EQUAL_MESSAGE("all asked in one round", std::size_t(3), call.asked.size());
        call.answers["who"] = R"({"action":"accept","content":{"name":"Ada"}})";
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        call.answers["greeting"] = R"({"role":"assistant","model":"m","content":{"type":"text","text":"hi"}})";
        call.answers["folders"] = R"({"roots":[]})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("Adahi0"), call.result);
    }

    void twoRounds()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      const auto first = call.elicit<Name>("1", "First?");
                                      return first->name + call.elicit<Name>("2", first->name + " who?")->name;
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        CPPUNIT_ASSERT(call.asked.count("1") && !call.asked.count("2"));
        call.answers["1"] = R"({"action":"accept","content":{"name":"Ada"}})";
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        CPPUNIT_ASSERT(call.asked.at("2").find("Ada who?") != std::string::npos);
        call.answers["2"] = R"({"action":"accept","content":{"name":"Lovelace"}})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("AdaLovelace"), call.result);
    }

    void onceRunsOnce()
    {
        static int runs;
        runs = 0;
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      call.once("effect", [] { ++runs; });
                                      const std::string id =
                                          call.once("id", [] { return "order " + std::to_string(++runs); });
                                      return id + call.elicit<Name>("who", "Who?")->name;
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        call.answers["who"] = R"({"action":"accept","content":{"name":"!"}})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        CPPUNIT_ASSERT_EQUAL(2, runs);
        expect(text("order 2!"), call.result);
    }

    void onceKeepsStructs()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      const Person person =
                                          call.once("p",
                                                    [] {
                                                        return Person{"Ada", 36, {Colour::Green}, Address{"Bath", {}}};
                                                    });
                                      call.elicit<Name>("who", "Who?");
                                      return person;
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        call.answers["who"] = R"({"action":"decline"})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        CPPUNIT_ASSERT(call.result.find(R"("structuredContent":{"name":"Ada","age":36,"likes":["green"],)"
                                        R"("address":{"city":"Bath"}})") != std::string::npos);
    }

    void tooMuchToRemember()
    {
        const Made plugin(
            _host, [](Plugin& p)
            { p.tool("t", "x").handle([](Call& call) { call.once("p", [] { return std::string(70000, 'x'); }); }); });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_RESOURCES), call.failure);
    }

    void unsupportedGoesToTheHost()
    {
        const Made plugin(_host, &asksWho);
        MockCall call;
        call.unsupported = true;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_UNSUPPORTED), enter(plugin, call));
        CPPUNIT_ASSERT(!call.ended);
    }

    void unsupportedMayBeCaught()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call) -> std::string
                                  {
                                      try
                                      {
                                          return call.elicit<Name>("who", "Who?")->name;
                                      }
                                      catch (const Unsupported&)
                                      {
                                          return "stranger";
                                      }
                                  });
                          });
        MockCall call;
        call.unsupported = true;
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        expect(text("stranger"), call.result);
    }

    void destructorsRun()
    {
        static int open;
        open = 0;
        struct Guard
        {
            Guard() { ++open; }
            ~Guard() { --open; }
        };
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      const Guard guard;
                                      call.elicit<Name>("who", "Who?");
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        CPPUNIT_ASSERT_EQUAL(0, open);
    }

    void swallowedUnwinding()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      try
                                      {
                                          call.elicit<Name>("who", "Who?");
                                      }
                                      catch (...)
                                      {
                                      }
                                      return "without an answer";
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        CPPUNIT_ASSERT(!call.ended);
    }

    void swallowedAndThrown()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handle(
                                  [](Call& call)
                                  {
                                      try
                                      {
                                          call.elicit<Name>("who", "Who?");
                                      }
                                      catch (...)
                                      {
                                          throw ToolError("something went wrong");
                                      }
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        CPPUNIT_ASSERT(!call.ended);
    }

    void promptsAskToo()
    {
        const Made plugin(
            _host, [](Plugin& p)
            { p.prompt("p", "x").handle([](Call& call) { return call.elicit<Name>("who", "Who?")->name; }); });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, plugin.prompts().get(plugin.get(), 0, call.abi()));
        call.reenter();
        call.answers["who"] = R"({"action":"accept","content":{"name":"Ada"}})";
        CPPUNIT_ASSERT_EQUAL(OK, plugin.prompts().get(plugin.get(), 0, call.abi()));
        expect(R"({"description":"x","messages":[{"role":"user","content":{"type":"text","text":"Ada"}}]})",
               call.result);
    }

    void task()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x")
                                  .taskSupport(TaskSupport::Required)
                                  .taskOnDemand()
                                  .handle(
                                      [](Call& call)
                                      {
                                          const auto who = call.elicit<Name>("who", "Who?");
                                          call.beginTask();
                                          return who->name;
                                      });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(PENDING, enter(plugin, call));
        CPPUNIT_ASSERT_EQUAL(0, call.tasks);
        call.answers["who"] = R"({"action":"accept","content":{"name":"Ada"}})";
        CPPUNIT_ASSERT_EQUAL(OK, enter(plugin, call));
        CPPUNIT_ASSERT_EQUAL(1, call.tasks);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(InputTest);

#include "unit/sdk/MockHost.h"
#include "unit/sdk/Samples.h"

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <thread>

using namespace tenon;
using namespace tenon::test;

/// Handlers that go on after they have returned.
class AsyncTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AsyncTest);
    CPPUNIT_TEST(finishesOnAnotherThread);
    CPPUNIT_TEST(finishesBeforeItReturns);
    CPPUNIT_TEST(failsLater);
    CPPUNIT_TEST(dropped);
    CPPUNIT_TEST(throwsAtOnce);
    CPPUNIT_TEST(throwsAfterHandingOver);
    CPPUNIT_TEST(badArguments);
    CPPUNIT_TEST(asksBeforeItReturns);
    CPPUNIT_TEST(lateFinish);
    CPPUNIT_TEST(moveAssignment);
    CPPUNIT_TEST(declaresItsOutput);
    CPPUNIT_TEST_SUITE_END();

    static constexpr tenon_status ASYNC = TENON_ASYNC;

    MockHost _host;

    static tenon_status enter(const Made& plugin, MockCall& call)
    {
        return plugin.tools().call(plugin.get(), 0, call.abi());
    }

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

public:
    void finishesOnAnotherThread()
    {
        static std::thread worker;
        static std::promise<void> go;
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").param<std::string_view>("s", "").handleAsync(
                                  [](AsyncCall call, std::string_view s)
                                  {
                                      worker = std::thread(
                                          [s, call = std::move(call)]() mutable
                                          {
                                              go.get_future().wait();
                                              call.progress(1, 2, "half");
                                              call.finish(s);
                                          });
                                  });
                          });
        MockCall call(R"({"s":"later"})");
        CPPUNIT_ASSERT_EQUAL(ASYNC, enter(plugin, call));
        CPPUNIT_ASSERT(!call.ended);
        go.set_value();
        call.wait();
        worker.join();
        expect(R"({"content":[{"type":"text","text":"later"}]})", call.result);
        expect("1/2 half", call.progress.at(0));
        CPPUNIT_ASSERT_EQUAL(1, call.finishes);
    }

    void finishesBeforeItReturns()
    {
        const Made plugin(
            _host, [](Plugin& p)
            { p.tool("t", "x").handleAsync([](AsyncCall call) { CPPUNIT_ASSERT(call.finish(Name{"Ada"})); }); });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(ASYNC, enter(plugin, call));
        CPPUNIT_ASSERT(call.result.find(R"("structuredContent":{"name":"Ada"})") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), call.failure);
    }

    void failsLater()
    {
        static std::optional<AsyncCall> kept;
        const Made plugin(_host, [](Plugin& p)
                          { p.tool("t", "x").handleAsync([](AsyncCall call) { kept.emplace(std::move(call)); }); });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(ASYNC, enter(plugin, call));
        kept->fail("no luck");
        CPPUNIT_ASSERT(!*kept);
        kept.reset();
        expect("no luck", call.message);
    }

    void dropped()
    {
        const Made plugin(_host, [](Plugin& p) { p.tool("t", "x").handleAsync([](AsyncCall) {}); });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(ASYNC, enter(plugin, call));
        expect("The tool ended without a result.", call.message);
    }

    void throwsAtOnce()
    {
        const Made plugin(_host, [](Plugin& p)
                          { p.tool("t", "x").handleAsync([](AsyncCall) { throw ToolError("no such city"); }); });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), enter(plugin, call));
        expect("no such city", call.message);
    }

    void throwsAfterHandingOver()
    {
        static std::optional<AsyncCall> kept;
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handleAsync(
                                  [](AsyncCall call)
                                  {
                                      kept.emplace(std::move(call));
                                      throw ToolError("too late");
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(ASYNC, enter(plugin, call));
        CPPUNIT_ASSERT(!call.ended);
        kept->finish("fine");
        kept.reset();
        expect(R"({"content":[{"type":"text","text":"fine"}]})", call.result);
    }

    void badArguments()
    {
        const Made plugin(_host,
                          [](Plugin& p) { p.tool("t", "x").param<int>("n", "").handleAsync([](AsyncCall, int) {}); });
        MockCall call(R"({"n":"x"})");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), enter(plugin, call));
        expect("n: expected an integer, found a text", call.message);
    }

    void asksBeforeItReturns()
    {
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handleAsync(
                                  [](AsyncCall call)
                                  {
                                      const std::string name = call.elicit<Name>("who", "Who?")->name;
                                      call.finish(name);
                                  });
                          });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_INPUT_PENDING), enter(plugin, call));
        CPPUNIT_ASSERT(!call.ended);
        call.reenter();
        call.answers["who"] = R"({"action":"accept","content":{"name":"Ada"}})";
        CPPUNIT_ASSERT_EQUAL(ASYNC, enter(plugin, call));
        expect(R"({"content":[{"type":"text","text":"Ada"}]})", call.result);
    }

    void lateFinish()
    {
        static std::optional<AsyncCall> kept;
        const Made plugin(_host, [](Plugin& p)
                          { p.tool("t", "x").handleAsync([](AsyncCall call) { kept.emplace(std::move(call)); }); });
        MockCall call;
        CPPUNIT_ASSERT_EQUAL(ASYNC, enter(plugin, call));
        call.ended = true;
        CPPUNIT_ASSERT(!kept->finish("late"));
        kept.reset();
    }

    void moveAssignment()
    {
        static std::optional<AsyncCall> first;
        const Made plugin(_host,
                          [](Plugin& p)
                          {
                              p.tool("t", "x").handleAsync(
                                  [](AsyncCall call)
                                  {
                                      if (first)
                                          *first = std::move(call);
                                      else
                                          first.emplace(std::move(call));
                                  });
                          });
        MockCall one;
        MockCall two;
        enter(plugin, one);
        enter(plugin, two);
        expect("The tool ended without a result.", one.message);
        first->finish();
        first.reset();
        expect(R"({"content":[]})", two.result);
    }

    void declaresItsOutput()
    {
        const Made plugin(_host, [](Plugin& p)
                          { p.tool("t", "x").output<Name>().handleAsync([](AsyncCall call) { call.finish(); }); });
        CPPUNIT_ASSERT(plugin.list(plugin.tools().list).find("outputSchema") != std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AsyncTest);

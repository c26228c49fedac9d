#include "support/Allocations.h"
#include "unit/sdk/MockHost.h"
#include "unit/sdk/Samples.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

using namespace tenon;
using namespace tenon::test;

/// What handlers take: the reading of arguments.
class ArgumentsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ArgumentsTest);
    CPPUNIT_TEST(parameters);
    CPPUNIT_TEST(defaultsAndOptionals);
    CPPUNIT_TEST(wholeStruct);
    CPPUNIT_TEST(nestedStructs);
    CPPUNIT_TEST(rawValue);
    CPPUNIT_TEST(valueReading);
    CPPUNIT_TEST(integers);
    CPPUNIT_TEST(mismatchNamesThePath);
    CPPUNIT_TEST(callData);
    CPPUNIT_TEST(oneTextCostsNoAllocationInTheLayer);
    CPPUNIT_TEST_SUITE_END();

    /// Calls the only tool of `body`; what it returned must be TENON_OK.
    static std::string text(void (*body)(Plugin&), const std::string& arguments)
    {
        MockHost host;
        const Made plugin(host, body);
        CPPUNIT_ASSERT(plugin.get());
        MockCall call(arguments);
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin.tools().call(plugin.get(), 0, call.abi()));
        CPPUNIT_ASSERT(call.ended);
        if (call.failure)
            return "failed: " + call.message;
        const std::string before = R"({"content":[{"type":"text","text":")";
        CPPUNIT_ASSERT_EQUAL(before, call.result.substr(0, before.size()));
        return call.result.substr(before.size(), call.result.size() - before.size() - 4);
    }

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

public:
    void parameters()
    {
        const auto body = [](Plugin& plugin)
        {
            plugin.tool("t", "x")
                .param<std::string>("s", "")
                .param<std::string_view>("v", "")
                .param<int>("i", "")
                .param<double>("d", "")
                .param<bool>("b", "")
                .param<Colour>("c", "")
                .param<std::vector<int>>("l", "")
                .param<std::map<std::string, int>>("m", "")
                .handle(
                    [](Call&, const std::string& s, std::string_view v, int i, double d, bool b, Colour c,
                       const std::vector<int>& l, const std::map<std::string, int>& m)
                    {
                        return s + ' ' + std::string(v) + ' ' + std::to_string(i) + ' ' + toJson(d).text +
                               (b ? " yes " : " no ") + (c == Colour::Green ? "green " : "red ") +
                               std::to_string(l.at(2)) + ' ' + std::to_string(m.at("k"));
                    });
        };
        expect("a b -3 1.5 yes green 9 4",
               text(body, R"({"s":"a","v":"b","i":-3,"d":1.5,"b":true,"c":"green","l":[7,8,9],"m":{"k":4}})"));
        expect("a b 3 2 no red 9 4",
               text(body, R"({"s":"a","v":"b","i":3.0,"d":2,"b":false,"c":"red","l":[7,8,9],"m":{"k":4}})"));
    }

    void defaultsAndOptionals()
    {
        const auto body = [](Plugin& plugin)
        {
            plugin.tool("t", "x")
                .param<std::string>("s", "", defaultTo("none"))
                .param<int>("i", "", defaultTo(5))
                .param<std::optional<int>>("o", "")
                .param<Size>("z", "", defaultTo(Size::Large))
                .param<int>("n", "", notRequired())
                .handle(
                    [](std::string s, int i, std::optional<int> o, Size z, int n)
                    {
                        return s + std::to_string(i) + (o ? std::to_string(*o) : "-") + (z == Size::Large ? "L" : "S") +
                               std::to_string(n);
                    });
        };
        expect("none5-L0", text(body, "{}"));
        expect("x14S2", text(body, R"({"s":"x","i":1,"o":4,"z":"small","n":2})"));
        expect("none5-L0", text(body, R"({"o":null})"));
    }

    void wholeStruct()
    {
        const auto body = [](Plugin& plugin)
        {
            plugin.tool("t", "x").arguments<Person>().handle([](Call&, const Person& person)
                                                             { return person.name + std::to_string(person.age); });
        };
        expect("Ada30", text(body, R"({"name":"Ada"})"));
        expect("Ada36", text(body, R"({"name":"Ada","age":36})"));
        expect("failed: name: is required", text(body, "{}"));
    }

    void nestedStructs()
    {
        const auto body = [](Plugin& plugin)
        {
            plugin.tool("t", "x")
                .param<std::vector<Person>>("people", "")
                .handle(
                    [](const std::vector<Person>& people)
                    {
                        return people.at(1).address->city + people.at(1).address->street.value_or("-") +
                               std::to_string(people.at(1).likes.size());
                    });
        };
        expect("Bath-2", text(body, R"({"people":[{"name":"a"},)"
                                    R"({"name":"b","likes":["red","green"],"address":{"city":"Bath"}}]})"));
    }

    void rawValue()
    {
        expect("3", text([](Plugin& plugin)
                         { plugin.tool("t", "x").handle([](Value value) { return std::to_string(value.size()); }); },
                         R"({"a":1,"b":2,"c":3})"));
        expect("a", text(
                        [](Plugin& plugin)
                        {
                            plugin.tool("t", "x").handle(
                                [](Call& call, Value value)
                                { return std::string(value["k"].text()) + std::string(call.session()); });
                        },
                        R"({"k":"a"})"));
    }

    void valueReading()
    {
        expect("a=1;b=x;c=[2,{\\\"d\\\":null}];|2|{\\\"d\\\":null}|7|none|4.5",
               text(
                   [](Plugin& plugin)
                   {
                       plugin.tool("t", "x").handle(
                           [](Value value)
                           {
                               std::string all;
                               for (const auto& [key, item] : value.members())
                                   all += std::string(key) + '=' +
                                          (item.isText() ? std::string(item.text()) : item.json()) + ';';
                               for (const Value item : value["c"])
                                   all += '|' + item.json();
                               all += '|' + std::to_string(value.get("nothing", 7)) + '|';
                               all += value["x"]["y"][3].exists() ? "some" : "none";
                               CPPUNIT_ASSERT(value["c"][1]["d"].isNull());
                               CPPUNIT_ASSERT_EQUAL(std::string_view("else"), value["a"].text("else"));
                               CPPUNIT_ASSERT_EQUAL(int64_t(1), value["a"].integer());
                               CPPUNIT_ASSERT_EQUAL(true, value["q"].boolean(true));
                               return all + '|' + toJson(value["q"].number(4.5)).text;
                           });
                   },
                   R"({"a":1,"b":"x","c":[2,{"d":null}]})"));
    }

    void integers()
    {
        const auto body = [](Plugin& plugin)
        {
            plugin.tool("t", "x")
                .param<int8_t>("a", "", defaultTo(0))
                .param<uint64_t>("b", "", defaultTo(0u))
                .handle([](int8_t a, uint64_t b) { return std::to_string(a) + std::to_string(b); });
        };
        expect("-1289223372036854775807", text(body, R"({"a":-128,"b":9223372036854775807})"));
        expect("failed: a: 128 is out of range", text(body, R"({"a":128})"));
        expect("failed: b: -1 is out of range", text(body, R"({"b":-1})"));
        expect("failed: a: expected an integer, found a number", text(body, R"({"a":1.5})"));
    }

    void mismatchNamesThePath()
    {
        const auto body = [](Plugin& plugin)
        { plugin.tool("t", "x").param<std::vector<Person>>("people", "").handle([](const std::vector<Person>&) {}); };
        expect("failed: people[1].address.city: expected a text, found an integer",
               text(body, R"({"people":[{"name":"a"},{"name":"b","address":{"city":3}}]})"));
        expect("failed: people[0].likes[0]: 'blue' is none of red, green",
               text(body, R"({"people":[{"name":"a","likes":["blue"]}]})"));
        expect("failed: people: expected an array, found an object", text(body, R"({"people":{}})"));
        expect("failed: people: is required", text(body, "{}"));
    }

    void callData()
    {
        expect("somebody 30000 7 true false",
               text(
                   [](Plugin& plugin)
                   {
                       plugin.tool("t", "x").handle(
                           [](Call& call)
                           {
                               return std::string(call.principal()) + ' ' + std::to_string(call.deadline().count()) +
                                      ' ' + call.meta()["progressToken"].json() + ' ' +
                                      (call.session().empty() ? "true" : "false") + ' ' +
                                      (call.clientHas(ClientFeature::Roots) ? "true" : "false");
                           });
                   },
                   "{}"));
    }

    void oneTextCostsNoAllocationInTheLayer()
    {
        MockHost host;
        const Made plugin(host,
                          [](Plugin& made)
                          {
                              made.tool("t", "x").param<std::string_view>("s", "").handle(
                                  [](Call&, std::string_view s)
                                  {
                                      // Longer than what a std::string holds without allocating.
                                      return s.substr(0, 40);
                                  });
                          });
        MockCall call(R"({"s":"0123456789012345678901234567890123456789"})");
        const tenon_tools& tools = plugin.tools();
        std::size_t counted = 0;
        tenon_status status{};
        {
            const tests::AllocationCounter counter;
            call.quiet(counter.on());
            status = tools.call(plugin.get(), 0, call.abi());
            counted = counter.count();
        }
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), status);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), counted);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ArgumentsTest);

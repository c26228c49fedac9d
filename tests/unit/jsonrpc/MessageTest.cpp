#include "jsonrpc/Message.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using tenon::base::JsonDocument;
using tenon::jsonrpc::Message;
using Kind = tenon::jsonrpc::Message::Kind;

namespace CppUnit
{
template <>
struct assertion_traits<Kind>
{
    static bool equal(Kind left, Kind right) { return left == right; }
    static std::string toString(Kind kind) { return std::to_string(static_cast<int>(kind)); }
};
} // namespace CppUnit

class MessageTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(MessageTest);
    CPPUNIT_TEST(kindsAreToldApart);
    CPPUNIT_TEST(idsStayAsTheyAre);
    CPPUNIT_TEST(badIdsAreRefused);
    CPPUNIT_TEST(aRefusedNumberIsReadAllTheSame);
    CPPUNIT_TEST(faultsAreNamed);
    CPPUNIT_TEST(nullParamsAreNone);
    CPPUNIT_TEST(nullResultsAndErrorsAreNone);
    CPPUNIT_TEST(anInvalidMessageKeepsItsId);
    CPPUNIT_TEST(anErrorMayHaveNoId);
    CPPUNIT_TEST(membersMayComeInAnyOrder);
    CPPUNIT_TEST_SUITE_END();

public:
    void kindsAreToldApart()
    {
        CPPUNIT_ASSERT_EQUAL(Kind::REQUEST, read(R"({"jsonrpc":"2.0","id":1,"method":"a"})").kind);
        CPPUNIT_ASSERT_EQUAL(Kind::NOTIFICATION, read(R"({"jsonrpc":"2.0","method":"a","params":{}})").kind);
        CPPUNIT_ASSERT_EQUAL(Kind::RESPONSE, read(R"({"jsonrpc":"2.0","id":1,"result":{}})").kind);
        CPPUNIT_ASSERT_EQUAL(Kind::ERROR_RESPONSE,
                             read(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}})").kind);
    }

    void idsStayAsTheyAre()
    {
        for (const std::string id : {"1", "-5", "0", "9223372036854775807", "18446744073709551615", "\"a\"", "\"\"",
                                     "\"1\"", "\"a\\\"b\\\\c\""})
            CPPUNIT_ASSERT_EQUAL(id, read("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":" + id + "}").id);
    }

    void badIdsAreRefused()
    {
        for (const std::string id : {"null", "{}", "[]", "true"})
        {
            const auto message = read("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":" + id + "}");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(id, Kind::INVALID, message.kind);
            CPPUNIT_ASSERT(message.id.empty());
            CPPUNIT_ASSERT_EQUAL(std::string("\"id\" must be a string or an integer"), message.fault);
        }
    }

    /// Whoever sent a number that is no integer waits for an answer under it.
    void aRefusedNumberIsReadAllTheSame()
    {
        for (const std::string id : {"1.5", "-0.25", "1e400", "1e-400"})
        {
            const auto message = read("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":" + id + "}");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(id, Kind::INVALID, message.kind);
            CPPUNIT_ASSERT_EQUAL(id, message.id);
        }
        for (const auto& [given, read] : {std::pair("1.0", "1"), std::pair("1e3", "1000")})
        {
            const auto message =
                MessageTest::read(std::string("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":") + given + "}");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(given, Kind::REQUEST, message.kind);
            CPPUNIT_ASSERT_EQUAL(std::string(read), message.id);
        }
    }

    void faultsAreNamed()
    {
        const std::pair<const char*, const char*> faults[] = {
            {"[]", "object"},
            {"5", "object"},
            {"\"a\"", "object"},
            {R"({"id":1,"method":"a"})", "jsonrpc"},
            {R"({"jsonrpc":"1.0","id":1,"method":"a"})", "jsonrpc"},
            {R"({"jsonrpc":2.0,"id":1,"method":"a"})", "jsonrpc"},
            {R"({"jsonrpc":"2.0","id":1})", "method"},
            {R"({"jsonrpc":"2.0","id":1,"method":5})", "method"},
            {R"({"jsonrpc":"2.0","id":1,"method":""})", "method"},
            {R"({"jsonrpc":"2.0","id":1,"method":"a","params":[1]})", "params"},
            {R"({"jsonrpc":"2.0","id":1,"method":"a","result":{}})", "must not have"},
            {R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})", "one of"},
            {R"({"jsonrpc":"2.0","result":{}})", "id"},
        };
        for (const auto& [text, part] : faults)
        {
            const auto message = read(text);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(text, Kind::INVALID, message.kind);
            CPPUNIT_ASSERT_MESSAGE(message.fault, message.fault.find(part) != std::string::npos);
        }
    }

    void nullParamsAreNone()
    {
        const auto message = read(R"({"jsonrpc":"2.0","id":1,"method":"a","params":null})");
        CPPUNIT_ASSERT_EQUAL(Kind::REQUEST, message.kind);
        CPPUNIT_ASSERT(!message.hasParams);
    }

    void nullResultsAndErrorsAreNone()
    {
        CPPUNIT_ASSERT_EQUAL(Kind::RESPONSE, read(R"({"jsonrpc":"2.0","id":1,"result":{},"error":null})").kind);
        const auto message = read(R"({"jsonrpc":"2.0","error":{"code":1,"message":""},"id":1,"result":null})");
        CPPUNIT_ASSERT_EQUAL(Kind::ERROR_RESPONSE, message.kind);
        CPPUNIT_ASSERT(message.result.is_object());
        CPPUNIT_ASSERT_EQUAL(Kind::RESPONSE, read(R"({"jsonrpc":"2.0","id":1,"result":null})").kind);
    }

    void anInvalidMessageKeepsItsId()
    {
        CPPUNIT_ASSERT_EQUAL(std::string("7"), read(R"({"id":7,"jsonrpc":"2.0"})").id);
        CPPUNIT_ASSERT_EQUAL(std::string("7"), read(R"({"jsonrpc":"2.0","method":1,"id":7})").id);
    }

    void anErrorMayHaveNoId()
    {
        CPPUNIT_ASSERT_EQUAL(Kind::ERROR_RESPONSE, read(R"({"jsonrpc":"2.0","error":{"code":1,"message":""}})").kind);
        const auto message = read(R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}})");
        CPPUNIT_ASSERT_EQUAL(Kind::ERROR_RESPONSE, message.kind);
        CPPUNIT_ASSERT(message.id.empty());
        CPPUNIT_ASSERT_EQUAL(Kind::INVALID, read(R"({"jsonrpc":"2.0","id":null,"result":{}})").kind);
    }

    void membersMayComeInAnyOrder()
    {
        const auto message = read(R"({"params":{"x":1},"method":"a","extra":1,"id":2,"jsonrpc":"2.0"})");
        CPPUNIT_ASSERT_EQUAL(Kind::REQUEST, message.kind);
        CPPUNIT_ASSERT(message.hasParams);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"x":1})"), tenon::base::toJson(message.params));
    }

private:
    Message read(const std::string& text)
    {
        _document = JsonDocument::parse(text);
        return Message::read(_document->root());
    }

    tenon::base::JsonDocumentPtr _document;
};

CPPUNIT_TEST_SUITE_REGISTRATION(MessageTest);

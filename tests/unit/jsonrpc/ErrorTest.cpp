#include "jsonrpc/Error.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using tenon::jsonrpc::appendError;
using tenon::jsonrpc::codeOf;
using tenon::jsonrpc::ErrorKind;
using tenon::jsonrpc::RpcException;

class ErrorTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ErrorTest);
    CPPUNIT_TEST(codesAreThoseOfTheSpecification);
    CPPUNIT_TEST(anErrorWithoutIdHasNone);
    CPPUNIT_TEST(dataIsPassedOn);
    CPPUNIT_TEST(exceptionsKeepKindAndData);
    CPPUNIT_TEST_SUITE_END();

public:
    void codesAreThoseOfTheSpecification()
    {
        const std::tuple<ErrorKind, int, int> codes[] = {
            {ErrorKind::PARSE, -32700, -32700},
            {ErrorKind::INVALID_REQUEST, -32600, -32600},
            {ErrorKind::METHOD_NOT_FOUND, -32601, -32601},
            {ErrorKind::INVALID_PARAMS, -32602, -32602},
            {ErrorKind::MISSING_META, -32602, -32602},
            {ErrorKind::INTERNAL, -32603, -32603},
            {ErrorKind::LIMIT, -32603, -32603},
            {ErrorKind::RESOURCE_NOT_FOUND, -32002, -32602},
            {ErrorKind::HEADER_MISMATCH, -32020, -32020},
            {ErrorKind::MISSING_CAPABILITY, -32021, -32021},
            {ErrorKind::UNSUPPORTED_VERSION, -32602, -32022},
            {ErrorKind::BAD_VERSION_HEADER, -32600, -32600},
            {ErrorKind::SESSION_REQUIRED, -32600, -32600},
            {ErrorKind::SESSION_NOT_FOUND, -32600, -32600},
            {ErrorKind::FORBIDDEN, -32602, -32602},
            {ErrorKind::NOT_ACCEPTABLE, -32600, -32600},
            {ErrorKind::NONE, 0, 0},
        };
        for (const auto& [kind, legacy, modern] : codes)
        {
            CPPUNIT_ASSERT_EQUAL(legacy, codeOf(kind, false));
            CPPUNIT_ASSERT_EQUAL(modern, codeOf(kind, true));
        }
    }

    void anErrorWithoutIdHasNone()
    {
        std::string out;
        appendError(out, {}, ErrorKind::PARSE, false, "a \"b\"");
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"a \"b\""}})"), out);
    }

    void dataIsPassedOn()
    {
        std::string out;
        appendError(out, "\"x\"", ErrorKind::RESOURCE_NOT_FOUND, true, "m", R"({"uri":"u"})");
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"jsonrpc":"2.0","id":"x","error":{"code":-32602,"message":"m","data":{"uri":"u"}}})"), out);
    }

    void exceptionsKeepKindAndData()
    {
        const RpcException thrown(ErrorKind::MISSING_CAPABILITY, "m", "{}");
        try
        {
            const std::unique_ptr<Poco::Exception> copy(thrown.clone());
            copy->rethrow();
            CPPUNIT_FAIL("nothing was thrown");
        }
        catch (const RpcException& exc)
        {
            CPPUNIT_ASSERT(exc.kind() == ErrorKind::MISSING_CAPABILITY);
            CPPUNIT_ASSERT_EQUAL(std::string("{}"), exc.data());
            CPPUNIT_ASSERT_EQUAL(-32021, exc.code());
            CPPUNIT_ASSERT_EQUAL(std::string("m"), exc.message());
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ErrorTest);

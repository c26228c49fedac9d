#include "net/http/StatusTable.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::net;
using Kind = tenon::jsonrpc::ErrorKind;

class StatusTableTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(StatusTableTest);
    CPPUNIT_TEST(hasAStatusForEveryKind);
    CPPUNIT_TEST(namesStatuses);
    CPPUNIT_TEST_SUITE_END();

public:
    void hasAStatusForEveryKind()
    {
        const struct
        {
            Kind kind;
            int legacy, modern;
        } table[] = {
            {Kind::NONE, 200, 200},
            {Kind::PARSE, 400, 400},
            {Kind::INVALID_REQUEST, 400, 400},
            {Kind::METHOD_NOT_FOUND, 200, 404},
            {Kind::INVALID_PARAMS, 200, 200},
            {Kind::MISSING_META, 400, 400},
            {Kind::INTERNAL, 200, 200},
            {Kind::RESOURCE_NOT_FOUND, 200, 200},
            {Kind::HEADER_MISMATCH, 400, 400},
            {Kind::MISSING_CAPABILITY, 400, 400},
            {Kind::UNSUPPORTED_VERSION, 400, 400},
            {Kind::BAD_VERSION_HEADER, 400, 400},
            {Kind::SESSION_REQUIRED, 400, 400},
            {Kind::SESSION_NOT_FOUND, 404, 404},
            {Kind::FORBIDDEN, 403, 403},
            {Kind::LIMIT, 503, 503},
            {Kind::NOT_ACCEPTABLE, 406, 406},
        };
        for (const auto& row : table)
        {
            CPPUNIT_ASSERT_EQUAL(row.legacy, httpStatusOf(row.kind, false));
            CPPUNIT_ASSERT_EQUAL(row.modern, httpStatusOf(row.kind, true));
        }
    }

    void namesStatuses()
    {
        CPPUNIT_ASSERT_EQUAL(std::string_view("404 Not Found"), statusLine(404));
        CPPUNIT_ASSERT_EQUAL(std::string_view("202 Accepted"), statusLine(202));
        CPPUNIT_ASSERT_EQUAL(std::string_view("400 Bad Request"), statusLine(418));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StatusTableTest);

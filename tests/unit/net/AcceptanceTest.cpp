#include "net/http/Negotiation.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string_view>

using namespace tenon::net;

class AcceptanceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AcceptanceTest);
    CPPUNIT_TEST(readsAcceptGenerously);
    CPPUNIT_TEST(knowsJson);
    CPPUNIT_TEST(knowsGzip);
    CPPUNIT_TEST(knowsModernRevisions);
    CPPUNIT_TEST_SUITE_END();

public:
    void readsAcceptGenerously()
    {
        const struct
        {
            std::string_view accept;
            bool json, stream;
        } cases[] = {
            {"application/json, text/event-stream", true, true},
            {"text/event-stream, application/json", true, true},
            {"text/event-stream,application/json;q=0.9", true, true},
            {"*/*", true, false},
            {"", true, false},
            {"  ", true, false},
            {"application/json", true, false},
            {"APPLICATION/JSON", true, false},
            {"application/*", true, false},
            {"application/json; charset=utf-8", true, false},
            {"text/event-stream", false, true},
            {"text/event-stream;q=0", false, false},
            {"application/json;q=0, */*", false, false},
            {"application/json;q=0.0, text/event-stream", false, true},
            {"text/html", false, false},
            {"text/html, */*;q=0.8", true, false},
            {"*/*, text/event-stream", true, true},
        };
        for (const auto& test : cases)
        {
            const Acceptance read = readAccept(true, test.accept);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(test.accept), test.json, read.json);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(test.accept), test.stream, read.stream);
            CPPUNIT_ASSERT_EQUAL(!test.json && !test.stream, read.nothing());
        }
        CPPUNIT_ASSERT(readAccept(false, {}).json);
    }

    void knowsJson()
    {
        for (const std::string_view type : {"application/json", "Application/JSON", "application/json;charset=utf-8",
                                            "application/json; charset=\"UTF-8\"", "application/json; x=y"})
            CPPUNIT_ASSERT_MESSAGE(std::string(type), isJson(type));
        for (const std::string_view type : {"", "text/plain", "application/jsonx", "application/json-rpc",
                                            "application/json; charset=latin1", "application/x-www-form-urlencoded"})
            CPPUNIT_ASSERT_MESSAGE(std::string(type), !isJson(type));
    }

    void knowsGzip()
    {
        CPPUNIT_ASSERT(acceptsGzip("gzip"));
        CPPUNIT_ASSERT(acceptsGzip("deflate, GZIP;q=0.5, br"));
        CPPUNIT_ASSERT(!acceptsGzip("gzip;q=0"));
        CPPUNIT_ASSERT(!acceptsGzip("br, deflate"));
        CPPUNIT_ASSERT(!acceptsGzip(""));
    }

    void knowsModernRevisions()
    {
        CPPUNIT_ASSERT(isModernVersion("2026-07-28"));
        CPPUNIT_ASSERT(isModernVersion("2027-01-01"));
        CPPUNIT_ASSERT(!isModernVersion("2025-11-25"));
        CPPUNIT_ASSERT(!isModernVersion(""));
        CPPUNIT_ASSERT(!isModernVersion("v999.0.0"));
        CPPUNIT_ASSERT(!isModernVersion("latest"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AcceptanceTest);

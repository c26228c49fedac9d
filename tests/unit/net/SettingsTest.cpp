#include "net/Settings.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;

class SettingsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SettingsTest);
    CPPUNIT_TEST(defaultsAgreeWithTheTable);
    CPPUNIT_TEST(readsEveryKey);
    CPPUNIT_TEST_SUITE_END();

public:
    void defaultsAgreeWithTheTable()
    {
        const net::Settings own, read = net::Settings::read(*base::Settings::of({}, net::settings()));
        CPPUNIT_ASSERT_EQUAL(own.host, read.host);
        CPPUNIT_ASSERT_EQUAL(own.port, read.port);
        CPPUNIT_ASSERT_EQUAL(own.mcpPath, read.mcpPath);
        CPPUNIT_ASSERT_EQUAL(own.maxThreads, read.maxThreads);
        CPPUNIT_ASSERT_EQUAL(own.queue, read.queue);
        CPPUNIT_ASSERT_EQUAL(own.keepAliveMs, read.keepAliveMs);
        CPPUNIT_ASSERT_EQUAL(own.maxHeaderBytes, read.maxHeaderBytes);
        CPPUNIT_ASSERT_EQUAL(own.gzipMinBytes, read.gzipMinBytes);
        CPPUNIT_ASSERT_EQUAL(own.maxMessageBytes, read.maxMessageBytes);
        CPPUNIT_ASSERT_EQUAL(own.maxConnections, read.maxConnections);
        CPPUNIT_ASSERT_EQUAL(own.maxStreams, read.maxStreams);
        CPPUNIT_ASSERT_EQUAL(own.streamQueueBytes, read.streamQueueBytes);
        CPPUNIT_ASSERT_EQUAL(own.idleMs, read.idleMs);
        CPPUNIT_ASSERT_EQUAL(own.heartbeatMs, read.heartbeatMs);
        CPPUNIT_ASSERT_EQUAL(own.headMs, read.headMs);
        CPPUNIT_ASSERT_EQUAL(own.bodyMs, read.bodyMs);
        CPPUNIT_ASSERT(own.sseProfiles == read.sseProfiles);
        CPPUNIT_ASSERT_EQUAL(own.tls, read.tls);
        CPPUNIT_ASSERT_EQUAL(own.tlsClients, read.tlsClients);
    }

    void readsEveryKey()
    {
        const auto read = net::Settings::read(*base::Settings::of({{"http.port", "0"},
                                                                   {"http.host", "::1"},
                                                                   {"http.mcpPath", "/other"},
                                                                   {"sse.profiles", "standard, rails"},
                                                                   {"limits.maxMessageBytes", "2048"},
                                                                   {"tls.enabled", "true"},
                                                                   {"tls.clientCertificates", "required"}},
                                                                  net::settings()));
        CPPUNIT_ASSERT_EQUAL(std::uint16_t(0), read.port);
        CPPUNIT_ASSERT_EQUAL(std::string("::1"), read.host);
        CPPUNIT_ASSERT_EQUAL(std::string("/other"), read.mcpPath);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), read.sseProfiles.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t(2048), read.maxMessageBytes);
        CPPUNIT_ASSERT(read.tls);
        CPPUNIT_ASSERT_EQUAL(std::string("required"), read.tlsClients);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SettingsTest);

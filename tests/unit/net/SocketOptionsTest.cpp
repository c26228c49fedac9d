#include "net/io/SocketOptions.h"

#include <Poco/Net/StreamSocket.h>

#include <cppunit/extensions/HelperMacros.h>

#if defined(__linux__)
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#endif

using namespace tenon;

/// What the system is told to do about a peer that vanished; tests/integration/net/vanished.sh has one.
class SocketOptionsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SocketOptionsTest);
#if defined(__linux__)
    CPPUNIT_TEST(connectionsInheritThePatienceOfTheirListener);
    CPPUNIT_TEST(noTimeOutIsTheSystemsOwn);
    CPPUNIT_TEST(connectionsInheritTheBoundsOfWhatTheSystemHolds);
#endif
    CPPUNIT_TEST_SUITE_END();

#if defined(__linux__)
    /// An option of a connection that such a listener has accepted.
    static unsigned accepted(std::uint32_t idleMs, int level, int option, std::uint32_t heartbeatMs = 5000)
    {
        Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", 0));
        net::noticeVanishedPeers(listener, idleMs, heartbeatMs);
        const Poco::Net::StreamSocket client(listener.address());
        return optionOf(listener.acceptConnection(), level, option);
    }

    static unsigned optionOf(const Poco::Net::StreamSocket& connection, int level, int option)
    {
        unsigned value = 0;
        socklen_t size = sizeof value;
        CPPUNIT_ASSERT_EQUAL(0, ::getsockopt(connection.impl()->sockfd(), level, option, &value, &size));
        return value;
    }

public:
    void connectionsInheritThePatienceOfTheirListener()
    {
        // Its clock begins when the next heartbeat is sent.
        CPPUNIT_ASSERT_EQUAL(15'000U, accepted(20'000, IPPROTO_TCP, TCP_USER_TIMEOUT));
        CPPUNIT_ASSERT_EQUAL(10'000U, accepted(20'000, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000));
        CPPUNIT_ASSERT_EQUAL(1U, accepted(20'000, SOL_SOCKET, SO_KEEPALIVE));
        // One that is silent is probed so that the end of the time finds it gone.
        CPPUNIT_ASSERT_EQUAL(10U, accepted(20'000, IPPROTO_TCP, TCP_KEEPIDLE));
        CPPUNIT_ASSERT_EQUAL(2U, accepted(20'000, IPPROTO_TCP, TCP_KEEPINTVL));
    }

    void connectionsInheritTheBoundsOfWhatTheSystemHolds()
    {
        Poco::Net::ServerSocket listener(Poco::Net::SocketAddress("127.0.0.1", 0));
        net::boundWhatTheSystemHolds(listener);
        const Poco::Net::StreamSocket client(listener.address());
        CPPUNIT_ASSERT_EQUAL(65536U, optionOf(listener.acceptConnection(), IPPROTO_TCP, TCP_NOTSENT_LOWAT));
        const Poco::Net::StreamSocket other(listener.address());
        CPPUNIT_ASSERT_EQUAL_MESSAGE("the system doubles it for its own books", 262144U,
                                     optionOf(listener.acceptConnection(), SOL_SOCKET, SO_RCVBUF));
    }

    void noTimeOutIsTheSystemsOwn()
    {
        CPPUNIT_ASSERT_EQUAL(0U, accepted(0, IPPROTO_TCP, TCP_USER_TIMEOUT));
        CPPUNIT_ASSERT_EQUAL(0U, accepted(0, SOL_SOCKET, SO_KEEPALIVE));
    }
#endif
};

CPPUNIT_TEST_SUITE_REGISTRATION(SocketOptionsTest);

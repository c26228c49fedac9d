// What the front relies on of the poll set; built once with each of them.
#include "net/io/Poller.h"

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <array>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

using tenon::net::ConnectionRef;
using tenon::net::Poller;

namespace
{

/// Both ends of a connection; ours is watched.
struct Pair
{
    explicit Pair(Poco::Net::ServerSocket& listener)
    {
        theirs.connect(listener.address());
        ours = listener.acceptConnection();
        ours.setBlocking(false);
    }

    void say() { theirs.sendBytes("x", 1); }

    void read()
    {
        char bytes[16];
        ours.receiveBytes(bytes, sizeof bytes);
    }

    Poco::Net::StreamSocket ours, theirs;
};

} // namespace

class PollerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PollerTest);
    CPPUNIT_TEST(whatIsServedIsToldOnce);
    CPPUNIT_TEST(oneIsReadAgainThatWasArmedNotToBe);
    CPPUNIT_TEST(aPeerThatGoesWhileItIsServedIsTold);
    CPPUNIT_TEST(roomToWriteIsToldToWhoWished);
    CPPUNIT_TEST(roomToWriteIsToldWhileItIsServed);
    CPPUNIT_TEST(moreThanOneTakesAreLeftForOthers);
    CPPUNIT_TEST(whoWaitsSeesWhatIsAddedMeanwhile);
    CPPUNIT_TEST(wakingEndsOneWait);
    CPPUNIT_TEST(oneThatWasRemovedIsNotTold);
    CPPUNIT_TEST_SUITE_END();

    static constexpr ConnectionRef REF = 0x1234;
    static constexpr int SOON = 5000, NOT = 50;

    Poco::Net::ServerSocket _listener{Poco::Net::SocketAddress("127.0.0.1", 0)};
    Poller _poller;
    std::array<Poller::Event, 4> _events{};

    /// The bits of the only event, 0 if there is none. Waits that end without one are gone over: others may wake.
    int told(int timeoutMs)
    {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs);
        for (;;)
        {
            const std::size_t count = _poller.wait(_events.data(), _events.size(), timeoutMs);
            CPPUNIT_ASSERT(count <= 1);
            if (count == 1)
            {
                CPPUNIT_ASSERT_EQUAL(REF, _events[0].ref);
                return _events[0].bits;
            }
            if (std::chrono::steady_clock::now() >= until)
                return 0;
        }
    }

public:
    void whatIsServedIsToldOnce()
    {
        Pair pair(_listener);
        _poller.add(pair.ours, REF);
        CPPUNIT_ASSERT_EQUAL(0, told(NOT));
        pair.say();
        CPPUNIT_ASSERT_EQUAL(int(tenon::net::READABLE), told(SOON));
        CPPUNIT_ASSERT_EQUAL(0, told(NOT));
        pair.read();
        _poller.rearm(pair.ours, true);
        CPPUNIT_ASSERT_EQUAL(0, told(NOT));
        pair.say();
        CPPUNIT_ASSERT_EQUAL(int(tenon::net::READABLE), told(SOON));
    }

    void oneIsReadAgainThatWasArmedNotToBe()
    {
        Pair pair(_listener);
        _poller.add(pair.ours, REF);
        pair.say();
        CPPUNIT_ASSERT_EQUAL(int(tenon::net::READABLE), told(SOON));
        pair.read();
        _poller.rearm(pair.ours, false); // an answer is on its way
        _poller.rearm(pair.ours, true);  // it is complete
        pair.say();
        CPPUNIT_ASSERT_EQUAL(int(tenon::net::READABLE), told(SOON));
    }

    void aPeerThatGoesWhileItIsServedIsTold()
    {
        Pair pair(_listener);
        _poller.add(pair.ours, REF);
        pair.say();
        CPPUNIT_ASSERT_EQUAL(int(tenon::net::READABLE), told(SOON));
        pair.theirs.close();
        CPPUNIT_ASSERT((told(SOON) & tenon::net::HANGUP) != 0);
        pair.read();
        _poller.rearm(pair.ours, true); // its answer is still being written
        CPPUNIT_ASSERT_EQUAL(0, told(NOT));
    }

    void roomToWriteIsToldToWhoWished()
    {
        Pair pair(_listener);
        _poller.add(pair.ours, REF);
        _poller.watchWriting(pair.ours, REF);
        CPPUNIT_ASSERT_EQUAL(int(tenon::net::WRITABLE), told(SOON));
        CPPUNIT_ASSERT_EQUAL(0, told(NOT));
    }

    void roomToWriteIsToldWhileItIsServed()
    {
        Pair pair(_listener);
        _poller.add(pair.ours, REF);
        pair.say();
        CPPUNIT_ASSERT_EQUAL(int(tenon::net::READABLE), told(SOON));
        _poller.watchWriting(pair.ours, REF);
        CPPUNIT_ASSERT((told(SOON) & tenon::net::WRITABLE) != 0);
        CPPUNIT_ASSERT_EQUAL(0, told(NOT));
    }

    void moreThanOneTakesAreLeftForOthers()
    {
        std::vector<Pair> pairs;
        for (ConnectionRef ref = 1; ref <= 3 * _events.size(); ++ref)
        {
            pairs.emplace_back(_listener);
            _poller.add(pairs.back().ours, ref);
            pairs.back().say();
        }
        std::set<ConnectionRef> seen;
        while (seen.size() < pairs.size())
        {
            const std::size_t count = _poller.wait(_events.data(), _events.size(), SOON);
            CPPUNIT_ASSERT(count > 0);
            for (std::size_t index = 0; index < count; ++index)
                CPPUNIT_ASSERT(seen.insert(_events[index].ref).second);
        }
    }

    void whoWaitsSeesWhatIsAddedMeanwhile()
    {
        Pair pair(_listener);
        pair.say();
        std::thread other([&] { _poller.add(pair.ours, REF); });
        CPPUNIT_ASSERT_EQUAL(int(tenon::net::READABLE), told(SOON));
        other.join();
    }

    void wakingEndsOneWait()
    {
        for (int round = 0; round < 200; ++round)
        {
            std::atomic<int> back{0};
            std::vector<std::thread> waiting;
            for (int count = 0; count < 3; ++count)
                waiting.emplace_back(
                    [&]
                    {
                        std::array<Poller::Event, 4> events;
                        if (_poller.wait(events.data(), events.size(), -1) == 0)
                            ++back;
                        _poller.wake(); // as the front's threads do when they stop
                    });
            if (round % 2 == 0) // so that all of them wait; nothing depends on it
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            _poller.wake();
            for (auto& thread : waiting)
                thread.join();
            CPPUNIT_ASSERT_EQUAL(3, back.load());
        }
    }

    void oneThatWasRemovedIsNotTold()
    {
        Pair pair(_listener);
        _poller.add(pair.ours, REF);
        _poller.remove(pair.ours);
        pair.ours.close();
        CPPUNIT_ASSERT_EQUAL(0, told(NOT));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PollerTest);

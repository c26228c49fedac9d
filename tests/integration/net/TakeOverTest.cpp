#include "FrontFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace tenon;
using namespace tenon::tests;

/// A request is answered, and the function that was asked does not return: its connection goes on without it.
class TakeOverTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TakeOverTest);
    CPPUNIT_TEST(theNextRequestIsServed);
    CPPUNIT_TEST(whatWasPipelinedIsServed);
    CPPUNIT_TEST(oneConnectionMayLoseManyThreads);
    CPPUNIT_TEST(theRequestStaysForWhoIsInside);
    CPPUNIT_TEST(streamsEndAndTheConnectionGoesOn);
    CPPUNIT_TEST(aConnectionEndsThatWasAnswered);
    CPPUNIT_TEST(manyComeOutJustThen);
    CPPUNIT_TEST_SUITE_END();

    const FrontFixture::Settings _settings{{"http.threads", "2"}, {"http.maxThreads", "12"}};

    static std::vector<std::string> bodies(FrontFixture& fixture)
    {
        const std::lock_guard lock(fixture.services.mutex);
        return fixture.services.bodies;
    }

    static int inside(FrontFixture& fixture)
    {
        const std::lock_guard lock(fixture.services.mutex);
        return fixture.services.blocked;
    }

    static void assertGoesOn(RawConnection& client)
    {
        for (int round = 0; round < 3; ++round)
        {
            client.send(post("fixed"));
            CPPUNIT_ASSERT(isFixed(client.receive()));
        }
    }

public:
    void theNextRequestIsServed()
    {
        for (const char* word : {"stays", "lingers"})
        {
            FrontFixture fixture(_settings);
            RawConnection client(fixture.port());
            client.send(post(word));
            CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
            CPPUNIT_ASSERT(eventually([&] { return inside(fixture) == 1; }));
            assertGoesOn(client);
            fixture.services.release();
            CPPUNIT_ASSERT(eventually([&] { return bodies(fixture).size() == 1; }));
            assertGoesOn(client);
            CPPUNIT_ASSERT_EQUAL(std::string(word), bodies(fixture).front());
        }
    }

    void whatWasPipelinedIsServed()
    {
        FrontFixture fixture(_settings);
        RawConnection client(fixture.port());
        const std::string last = post("echo the last");
        client.send(post("stays") + post("echo the next") + last.substr(0, 60));
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string("echo the next"), client.receive().body);
        client.send(last.substr(60));
        CPPUNIT_ASSERT_EQUAL(std::string("echo the last"), client.receive().body);
        CPPUNIT_ASSERT_EQUAL(1, inside(fixture));
    }

    void oneConnectionMayLoseManyThreads()
    {
        FrontFixture fixture(_settings);
        RawConnection client(fixture.port());
        for (int round = 1; round <= 6; ++round)
        {
            client.send(post(round % 2 == 0 ? "stays" : "lingers"));
            CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
            CPPUNIT_ASSERT(eventually([&] { return inside(fixture) == round; }));
        }
        assertGoesOn(client);
    }

    void theRequestStaysForWhoIsInside()
    {
        FrontFixture fixture(_settings);
        RawConnection client(fixture.port());
        const std::string body = "stays " + std::string(30'000, 'x'), text = post(body);
        client.send(text.substr(0, 20'000)); // so that it is kept beside the scratch
        CPPUNIT_ASSERT_EQUAL(200, exchange(fixture.port(), "GET", "/health").status);
        client.send(text.substr(20'000) + post("echo behind"));
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
        CPPUNIT_ASSERT_EQUAL(std::string("echo behind"), client.receive().body);
        client.send(post("echo " + std::string(50'000, 'y')));
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
        fixture.services.release();
        CPPUNIT_ASSERT(eventually([&] { return bodies(fixture).size() == 1; }));
        CPPUNIT_ASSERT(bodies(fixture).front() == body);
    }

    void streamsEndAndTheConnectionGoesOn()
    {
        FrontFixture fixture(_settings);
        RawConnection client(fixture.port());
        client.send(post("stays", {{"Accept", "text/event-stream"}}));
        CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
        assertGoesOn(client);
    }

    void aConnectionEndsThatWasAnswered()
    {
        FrontFixture fixture(_settings);
        {
            RawConnection client(fixture.port());
            client.send(post("stays"));
            CPPUNIT_ASSERT_EQUAL(200, client.receive().status);
            CPPUNIT_ASSERT(eventually([&] { return inside(fixture) == 1; }));
        }
        CPPUNIT_ASSERT(eventually([&] { return fixture.front->connections() == 0; }));
        RawConnection last(fixture.port());
        last.send(
            request("POST", "/mcp",
                    {{"Content-Type", "application/json"}, {"Accept", "application/json"}, {"Connection", "close"}},
                    "lingers"));
        CPPUNIT_ASSERT_EQUAL(200, last.receive().status);
        CPPUNIT_ASSERT(last.closedByServer());
        CPPUNIT_ASSERT_EQUAL(2, inside(fixture));
    }

    void manyComeOutJustThen()
    {
        constexpr std::size_t CLIENTS = 4, ROUNDS = 60;
        FrontFixture fixture(_settings);
        std::vector<std::unique_ptr<RawConnection>> clients;
        for (std::size_t number = 0; number < CLIENTS; ++number)
            clients.push_back(std::make_unique<RawConnection>(fixture.port()));
        for (std::size_t round = 0; round < ROUNDS; ++round)
        {
            for (const auto& client : clients)
                client->send(post("dawdles") + post("echo " + std::to_string(round)));
            for (const auto& client : clients)
            {
                CPPUNIT_ASSERT_EQUAL(200, client->receive().status);
                CPPUNIT_ASSERT_EQUAL("echo " + std::to_string(round), client->receive().body);
            }
        }
        CPPUNIT_ASSERT(eventually([&] { return bodies(fixture).size() == CLIENTS * ROUNDS; }));
        const auto seen = bodies(fixture);
        CPPUNIT_ASSERT(std::all_of(seen.begin(), seen.end(), [](const auto& body) { return body == "dawdles"; }));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TakeOverTest);

// subscriptions/listen, resources/subscribe and the news they bring.
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <thread>

using namespace tenon::tests;
using tenon::jsonrpc::ErrorKind;

class SubscriptionTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SubscriptionTest);
    CPPUNIT_TEST(theAcknowledgementComesFirst);
    CPPUNIT_TEST(onlyWhatWasAskedForIsSent);
    CPPUNIT_TEST(everyMessageCarriesTheId);
    CPPUNIT_TEST(badFiltersAreRefused);
    CPPUNIT_TEST(aStreamIsNeeded);
    CPPUNIT_TEST(resourcesAreToldOnce);
    CPPUNIT_TEST(aResourceNamedTwiceIsHeldOnce);
    CPPUNIT_TEST(refusedFiltersHoldNothing);
    CPPUNIT_TEST(closingTheStreamEndsIt);
    CPPUNIT_TEST(aNotificationEndsItOnStdio);
    CPPUNIT_TEST(legacySessionsHearOfLists);
    CPPUNIT_TEST(legacySessionsHearOfTheirResources);
    CPPUNIT_TEST(unknownResourcesAreNotSubscribedTo);
    CPPUNIT_TEST(aPluginMayRefuse);
    CPPUNIT_TEST(theEndOfTheSessionEndsItsSubscriptions);
    CPPUNIT_TEST(nothingIsHeldAfterARaceWithTheEnd);
    CPPUNIT_TEST(aReplacedPluginHearsWhatWasSubscribed);
    CPPUNIT_TEST(aSubscriptionParksUntilThePluginAnswers);
    CPPUNIT_TEST(subscribersOfOneUriShareTheOutcome);
    CPPUNIT_TEST(aBusyPluginIsNoMissingResource);
    CPPUNIT_TEST(aListenerAsksSomeAtATimeAndIsAcknowledgedOnce);
    CPPUNIT_TEST(whatIsGrantedTooLateIsReleased);
    CPPUNIT_TEST(whoWaitsIsAnsweredWhenTheServerEnds);
    CPPUNIT_TEST(whatIsHeldIsCounted);
    CPPUNIT_TEST(broadcastsReachWhomTheyAreFor);
    CPPUNIT_TEST(broadcastsReachListenersThatAskedForThem);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override
    {
        server.resource(R"({"uri":"x://a","name":"a"})");
        server.resourceTemplate(R"({"uriTemplate":"y://{id}","name":"b"})");
        server.publish();
    }

    void theAcknowledgementComesFirst()
    {
        const auto sink = listen(
            R"({"toolsListChanged":true,"promptsListChanged":false,"resourceSubscriptions":["x://a","x://none","y://1"],"other":true})");
        CPPUNIT_ASSERT(sink->opened());
        const auto events = sink->events();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), events.size());
        CPPUNIT_ASSERT_EQUAL(std::string("\"notifications/subscriptions/acknowledged\""),
                             at(events[0].text, "/method"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"toolsListChanged":true,"resourceSubscriptions":["x://a","y://1"]})"),
                             at(events[0].text, "/params/notifications"));
        CPPUNIT_ASSERT(events[0].id.empty());
    }

    void onlyWhatWasAskedForIsSent()
    {
        const auto tools = listen(R"({"toolsListChanged":true})"), prompts = listen(R"({"promptsListChanged":true})"),
                   resources = listen(R"({"resourcesListChanged":true})"),
                   updates = listen(R"({"resourceSubscriptions":["x://a"]})"), nothing = listen("{}");
        server.publish(true, false, false);
        CPPUNIT_ASSERT(tools->waitForEvents(2));
        server.publish(false, true, true);
        CPPUNIT_ASSERT(prompts->waitForEvents(2) && resources->waitForEvents(2));
        server.catalogues.resourceUpdated("x://a");
        server.catalogues.resourceUpdated("x://b");
        CPPUNIT_ASSERT_EQUAL(std::string("\"notifications/tools/list_changed\""),
                             at(tools->events()[1].text, "/method"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"notifications/prompts/list_changed\""),
                             at(prompts->events()[1].text, "/method"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"notifications/resources/list_changed\""),
                             at(resources->events()[1].text, "/method"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"notifications/resources/updated\""),
                             at(updates->events().at(1).text, "/method"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"x://a\""), at(updates->events()[1].text, "/params/uri"));
        server.executor.stop();
        for (const auto& sink : {tools, prompts, resources, updates})
            CPPUNIT_ASSERT_EQUAL(std::size_t(2), sink->events().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), nothing->events().size());
    }

    void everyMessageCarriesTheId()
    {
        for (const std::string id : {"123456789012", "\"listen:1\"", "\"1\""})
        {
            TestServer::Modern how;
            how.id = id;
            const auto sink =
                server.modern("subscriptions/listen", R"("notifications":{"toolsListChanged":true})", how);
            server.publish(true);
            CPPUNIT_ASSERT(sink->waitForEvents(2));
            for (const auto& event : sink->events())
                CPPUNIT_ASSERT_EQUAL(id, at(event.text, "/params/_meta/io.modelcontextprotocol~1subscriptionId"));
        }
    }

    void badFiltersAreRefused()
    {
        for (const char* bad : {"", R"("notifications":5)", R"("notifications":{"resourceSubscriptions":"x://a"})"})
            CPPUNIT_ASSERT(server.modern("subscriptions/listen", bad)->error() == ErrorKind::INVALID_PARAMS);
        CPPUNIT_ASSERT(server.modern("subscriptions/listen", R"("notifications":{"taskIds":[]})")->error() ==
                       ErrorKind::MISSING_CAPABILITY);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), subscriptions().listeners.count());
    }

    void aStreamIsNeeded()
    {
        TestServer::Modern how;
        how.streams = false;
        CPPUNIT_ASSERT(server.modern("subscriptions/listen", R"("notifications":{})", how)->error() ==
                       ErrorKind::NOT_ACCEPTABLE);
    }

    void resourcesAreToldOnce()
    {
        const auto one = listen(R"({"resourceSubscriptions":["x://a"]})"),
                   two = listen(R"({"resourceSubscriptions":["x://a"]})");
        LegacyClient client(server);
        (void)client.answer("resources/subscribe", R"("uri":"x://a")");
        CPPUNIT_ASSERT(std::vector<std::string>({"+x://a"}) == server.plugin->orders());
        one->disconnect();
        two->disconnect();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return subscriptions().listeners.count() == 0; }));
        (void)client.answer("resources/unsubscribe", R"("uri":"x://a")");
        (void)client.answer("resources/unsubscribe", R"("uri":"x://a")");
        CPPUNIT_ASSERT(TestServer::eventually([&] { return server.plugin->orders().size() == 2; }));
        CPPUNIT_ASSERT_EQUAL(std::string("-x://a"), server.plugin->orders()[1]);
    }

    void aResourceNamedTwiceIsHeldOnce()
    {
        const auto sink = listen(R"({"resourceSubscriptions":["x://a","x://a"]})");
        CPPUNIT_ASSERT_EQUAL(std::string(R"(["x://a"])"),
                             at(sink->events()[0].text, "/params/notifications/resourceSubscriptions"));
        sink->disconnect();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return server.plugin->orders().size() == 2; }));
    }

    void refusedFiltersHoldNothing()
    {
        TestServer::Modern how;
        how.capabilities = R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})";
        CPPUNIT_ASSERT(server
                           .modern("subscriptions/listen",
                                   R"("notifications":{"resourceSubscriptions":["x://a"],"taskIds":5})", how)
                           ->error() == ErrorKind::INVALID_PARAMS);
        CPPUNIT_ASSERT_EQUAL(std::size_t(server.plugin->orders().size()) % 2, std::size_t(0));
    }

    void closingTheStreamEndsIt()
    {
        const auto sink = listen(R"({"toolsListChanged":true})");
        sink->disconnect();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return subscriptions().listeners.count() == 0; }));
        const auto gone = std::make_shared<RecordingSink>();
        gone->disconnect();
        server.send(TestServer::modernBody("subscriptions/listen", R"("notifications":{})", {}),
                    TestServer::modernHeaders("subscriptions/listen", {}), gone);
        CPPUNIT_ASSERT(TestServer::eventually([&] { return subscriptions().listeners.count() == 0; }));
    }

    void aNotificationEndsItOnStdio()
    {
        const auto connection = std::make_shared<RecordingSink>();
        const auto session =
            server.dispatcher->openConnectionSession(tenon::mcp::Transport::STDIO, server.anybody, connection);
        const auto send = [&](const std::string& body) { return server.sendOn(session, body); };
        TestServer::Modern how;
        how.id = "\"l\"";
        const auto sink =
            send(TestServer::modernBody("subscriptions/listen", R"("notifications":{"toolsListChanged":true})", how));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), subscriptions().listeners.count());
        send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"other"}})");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), subscriptions().listeners.count());
        send(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"l"}})");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), subscriptions().listeners.count());
        CPPUNIT_ASSERT(sink->ended() && !sink->finished());
        const auto again = send(TestServer::modernBody("subscriptions/listen", R"("notifications":{})", how));
        server.dispatcher->endConnectionSession(session);
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), subscriptions().listeners.count());
    }

    void legacySessionsHearOfLists()
    {
        LegacyClient client(server), deaf(server);
        const auto stream = client.get();
        server.publish(true, true, true);
        CPPUNIT_ASSERT(stream->waitForEvents(3));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})"),
                             stream->events()[0].text);
    }

    void legacySessionsHearOfTheirResources()
    {
        LegacyClient client(server), other(server);
        const auto stream = client.get(), others = other.get();
        CPPUNIT_ASSERT_EQUAL(std::string("{}"),
                             at(client.answer("resources/subscribe", R"("uri":"y://5")"), "/result"));
        CPPUNIT_ASSERT_EQUAL(std::string("{}"),
                             at(client.answer("resources/subscribe", R"("uri":"y://5")"), "/result"));
        server.catalogues.resourceUpdated("y://5");
        server.catalogues.resourceUpdated("x://a");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), stream->events().size());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"uri":"y://5"})"), at(stream->events()[0].text, "/params"));
        CPPUNIT_ASSERT(others->events().empty());
        (void)client.answer("resources/unsubscribe", R"("uri":"y://5")");
        server.catalogues.resourceUpdated("y://5");
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), stream->events().size());
    }

    void unknownResourcesAreNotSubscribedTo()
    {
        LegacyClient client(server);
        const auto answer = client.answer("resources/subscribe", R"("uri":"x://none")");
        CPPUNIT_ASSERT_EQUAL(std::string("-32002"), at(answer, "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"x://none\""), at(answer, "/error/data/uri"));
    }

    void aPluginMayRefuse()
    {
        server.plugin->onSubscribe = [](std::string_view) { return TENON_ERROR_NOT_FOUND; };
        LegacyClient client(server);
        CPPUNIT_ASSERT_EQUAL(std::string("-32002"),
                             at(client.answer("resources/subscribe", R"("uri":"x://a")"), "/error/code"));
        const auto sink = listen(R"({"resourceSubscriptions":["x://a"]})");
        CPPUNIT_ASSERT_EQUAL(std::string("[]"),
                             at(sink->events()[0].text, "/params/notifications/resourceSubscriptions"));
        client.end();
        for (const auto& order : server.plugin->orders())
            CPPUNIT_ASSERT_EQUAL('+', order[0]);
    }

    void theEndOfTheSessionEndsItsSubscriptions()
    {
        LegacyClient client(server);
        (void)client.answer("resources/subscribe", R"("uri":"x://a")");
        client.end();
        CPPUNIT_ASSERT(std::vector<std::string>({"+x://a", "-x://a"}) == server.plugin->orders());
    }

    void nothingIsHeldAfterARaceWithTheEnd()
    {
        for (int round = 0; round < 100; ++round)
        {
            LegacyClient client(server);
            std::thread ender([&] { client.end(); });
            (void)client.request("resources/subscribe", R"("uri":"x://a")");
            ender.join();
        }
        int held = 0;
        for (const auto& order : server.plugin->orders())
            held += order[0] == '+' ? 1 : -1;
        CPPUNIT_ASSERT_EQUAL(0, held);
    }

    void aReplacedPluginHearsWhatWasSubscribed()
    {
        LegacyClient client(server);
        (void)client.answer("resources/subscribe", R"("uri":"x://a")");
        const auto old = server.plugin;
        const auto now = server.plugin = std::make_shared<FakePlugin>();
        for (auto& resource : server.draft.resources)
            resource.instance = now;
        server.publish(false, true, false);
        CPPUNIT_ASSERT(TestServer::eventually([&] { return now->orders().size() == 1; }));
        CPPUNIT_ASSERT_EQUAL(std::string("+x://a"), now->orders()[0]);
        client.end();
        CPPUNIT_ASSERT_EQUAL(std::string("-x://a"), now->orders().at(1));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), old->orders().size()); // it stops anyway
    }

    void aSubscriptionParksUntilThePluginAnswers()
    {
        server.plugin->keepsOrders = true;
        LegacyClient client(server);
        const auto sink = client.request("resources/subscribe", R"("uri":"x://a")");
        CPPUNIT_ASSERT_MESSAGE("the thread is back, the answer is not there", !sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), server.plugin->answerOrders(TENON_OK));
        CPPUNIT_ASSERT(sink->finished());
        CPPUNIT_ASSERT_EQUAL(std::string("{}"), at(sink->answer(), "/result"));
    }

    void subscribersOfOneUriShareTheOutcome()
    {
        server.plugin->keepsOrders = true;
        LegacyClient one(server), two(server);
        for (const auto status : {TENON_ERROR_NOT_FOUND, TENON_OK})
        {
            const auto first = one.request("resources/subscribe", R"("uri":"x://a")"),
                       second = two.request("resources/subscribe", R"("uri":"x://a")");
            CPPUNIT_ASSERT_EQUAL(std::size_t(1), server.plugin->answerOrders(status));
            CPPUNIT_ASSERT(first->finished() && second->finished());
            CPPUNIT_ASSERT_EQUAL(status == TENON_OK, second->error() == ErrorKind::NONE);
            CPPUNIT_ASSERT(first->error() == second->error());
        }
        one.end();
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), server.plugin->orders().size());
        two.end();
        CPPUNIT_ASSERT_EQUAL(std::string("-x://a"), server.plugin->orders().at(2));
    }

    void aBusyPluginIsNoMissingResource()
    {
        for (const auto status : {TENON_ERROR_RESOURCES, TENON_ERROR_CANCELLED})
        {
            server.plugin->onSubscribe = [status](std::string_view) { return status; };
            LegacyClient client(server);
            CPPUNIT_ASSERT(client.request("resources/subscribe", R"("uri":"x://a")")->error() == ErrorKind::LIMIT);
        }
    }

    void aListenerAsksSomeAtATimeAndIsAcknowledgedOnce()
    {
        server.plugin->keepsOrders = true;
        std::string uris;
        for (int number = 0; number < 100; ++number)
            uris += (number ? ",\"y://" : "\"y://") + std::to_string(number) + '"';
        const auto sink = listen(R"({"resourceSubscriptions":[)" + uris + "]}");
        CPPUNIT_ASSERT(sink->opened() && sink->events().empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t(16), server.plugin->orders().size());
        std::size_t answered = 0;
        while (const auto some = server.plugin->answerOrders(answered == 0 ? TENON_ERROR_FAILED : TENON_OK))
            answered += some;
        CPPUNIT_ASSERT_EQUAL(std::size_t(100), answered);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), sink->events().size());
        CPPUNIT_ASSERT_EQUAL(std::string("\"y://16\""),
                             at(sink->events()[0].text, "/params/notifications/resourceSubscriptions/0"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"y://99\""),
                             at(sink->events()[0].text, "/params/notifications/resourceSubscriptions/83"));
    }

    void whatIsGrantedTooLateIsReleased()
    {
        server.plugin->keepsOrders = true;
        const auto sink = listen(R"({"resourceSubscriptions":["x://a"]})");
        sink->disconnect();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return subscriptions().listeners.count() == 0; }));
        server.plugin->answerOrders(TENON_OK);
        CPPUNIT_ASSERT(std::vector<std::string>({"+x://a", "-x://a"}) == server.plugin->orders());
        CPPUNIT_ASSERT(sink->events().empty());
        LegacyClient client(server);
        const auto parked = client.request("resources/subscribe", R"("uri":"x://a")");
        client.end();
        server.plugin->answerOrders(TENON_OK);
        CPPUNIT_ASSERT_EQUAL(std::string("-x://a"), server.plugin->orders().at(3));
    }

    void whoWaitsIsAnsweredWhenTheServerEnds()
    {
        server.plugin->keepsOrders = true;
        LegacyClient client(server);
        const auto sink = client.request("resources/subscribe", R"("uri":"x://a")");
        server.executor.stop();
        server.timers.stop();
        server.dispatcher.reset();
        CPPUNIT_ASSERT(sink->error() == ErrorKind::LIMIT);
        server.plugin->answerOrders(TENON_OK); // and nobody is there any more
    }

    void whatIsHeldIsCounted()
    {
        TestServer small(TestServer::defaults(), 256, 100, 4 * 4096);
        small.resourceTemplate(R"({"uriTemplate":"y://{id}","name":"b"})");
        small.publish();
        LegacyClient client(small);
        const std::string name(1500, 'x');
        const auto subscribe = [&](const std::string& last)
        { return client.request("resources/subscribe", "\"uri\":\"y://" + name + last + '"')->error(); };
        CPPUNIT_ASSERT(subscribe("1") == ErrorKind::NONE && subscribe("2") == ErrorKind::NONE);
        CPPUNIT_ASSERT(subscribe("3") == ErrorKind::LIMIT);
        CPPUNIT_ASSERT(
            small.modern("subscriptions/listen", R"("notifications":{"resourceSubscriptions":["y://)" + name + "\"]}")
                ->error() == ErrorKind::LIMIT);
        CPPUNIT_ASSERT(client.request("resources/unsubscribe", "\"uri\":\"y://" + name + "1\"")->error() ==
                       ErrorKind::NONE);
        CPPUNIT_ASSERT(subscribe("3") == ErrorKind::NONE);
        client.end();
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(0), small.budget.used());
    }

    void broadcastsReachWhomTheyAreFor()
    {
        LegacyClient one(server, "2025-11-25", "{}", principalOf("alice")),
            two(server, "2025-11-25", "{}", principalOf("bob"));
        const auto alice = one.get(), bob = two.get();
        const auto reached = subscriptions().broadcast(tenon::mcp::Broadcast(
            R"({"message":{"method":"notifications/message"},"filter":{"sessions":[")" + two.session() + R"("]}})"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), reached);
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","method":"notifications/message"})"),
                             bob->events().at(0).text);
        CPPUNIT_ASSERT(alice->events().empty());
    }

    void broadcastsReachListenersThatAskedForThem()
    {
        server.resource(R"({"uri":"x://a","name":"a"})");
        server.publish();
        const auto tools = listen(R"({"toolsListChanged":true})"),
                   uri = listen(R"({"resourceSubscriptions":["x://a"]})");
        const std::string all, others = R"(,"filter":{"sessions":["listen-none"]})";
        const auto send = [&](const std::string& members, const std::string& filter)
        { return subscriptions().broadcast(tenon::mcp::Broadcast(R"({"message":{)" + members + '}' + filter + '}')); };
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), send(R"("method":"notifications/tools/list_changed")", all));
        CPPUNIT_ASSERT_EQUAL(std::string("\"notifications/tools/list_changed\""),
                             at(tools->events().at(1).text, "/method"));
        CPPUNIT_ASSERT(
            !at(tools->events().at(1).text, "/params/_meta/io.modelcontextprotocol~1subscriptionId").empty());
        const std::string updated = R"("method":"notifications/resources/updated","params":{"uri":"x://a"})";
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), send(updated, others));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), send(updated, all));
        CPPUNIT_ASSERT_EQUAL(std::string("\"x://a\""), at(uri->events().at(1).text, "/params/uri"));
        CPPUNIT_ASSERT_MESSAGE("this revision has no log messages there",
                               send(R"("method":"notifications/message","params":{"level":"info","data":1})", all) ==
                                   0);

        const auto streams = subscriptions().listeners.streams();
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), streams.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(2), streams[0].eventsSent); // the acknowledgement and one more
        CPPUNIT_ASSERT(!subscriptions().listeners.end("listen-none"));
        CPPUNIT_ASSERT(subscriptions().listeners.end(streams[0].id) && subscriptions().listeners.end(streams[1].id));
        CPPUNIT_ASSERT(tools->finished() && uri->finished());
    }

private:
    RecordingSinkPtr listen(const std::string& filter)
    {
        return server.modern("subscriptions/listen", "\"notifications\":" + filter);
    }
    tenon::mcp::Subscriptions& subscriptions() { return server.dispatcher->protocol().subscriptions; }

    TestServer server;
};

CPPUNIT_TEST_SUITE_REGISTRATION(SubscriptionTest);

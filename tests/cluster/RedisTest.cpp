// The archive and the bus over a real Redis, and what they do when it goes away.
#include "cluster/RedisServer.h"
#include "store/redis/RedisArchive.h"
#include "store/redis/RedisBus.h"
#include "store/redis/wire/RedisAddress.h"
#include "unit/store/ArchiveSuite.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <atomic>
#include <mutex>

using namespace tenon;
using namespace tenon::tests;
using namespace std::chrono_literals;

namespace
{

constexpr std::int64_t LEASE_MS = 800;
constexpr std::int64_t SEALED_MS = 60'000;

RedisServer& redis()
{
    static RedisServer server;
    return server;
}

std::string freshPrefix()
{
    static int count = 0;
    return "test" + std::to_string(++count);
}

/// An archive with the link that it borrows.
class OwnedArchive : public store::RedisArchive
{
public:
    OwnedArchive(std::unique_ptr<store::RedisLink> own, std::size_t maxEvents)
        : store::RedisArchive(*own, freshPrefix(), maxEvents, LEASE_MS), link(std::move(own))
    {
        link->start();
    }
    const std::unique_ptr<store::RedisLink> link;
};

std::unique_ptr<store::RedisLink> newLink()
{
    return std::make_unique<store::RedisLink>(store::RedisAddress::read(redis().url()), 300ms);
}

/// Keeps what a bus tells.
class Recorder : public store::BusListener
{
public:
    void received(const std::string& from, std::string_view message) override
    {
        std::lock_guard lock(_mutex);
        _letters.push_back(from + ':' + std::string(message));
    }
    void members(const std::vector<store::Member>& members) override
    {
        std::lock_guard lock(_mutex);
        _members.clear();
        for (const auto& member : members)
            _members += member.tag + ' ';
    }
    void lapsed() override { ++lapses; }
    std::atomic<int> lapses{0};
    [[nodiscard]] std::vector<std::string> letters() const
    {
        std::lock_guard lock(_mutex);
        return _letters;
    }
    [[nodiscard]] std::string members() const
    {
        std::lock_guard lock(_mutex);
        return _members;
    }

private:
    mutable std::mutex _mutex;
    std::vector<std::string> _letters;
    std::string _members;
};

struct End
{
    End(const std::string& prefix, const std::string& tag)
        : link(newLink()), bus(*link, prefix, tag, LEASE_MS, SEALED_MS)
    {
        link->start();
        bus.start(recorder);
    }
    ~End()
    {
        bus.stop();
        link->stop();
    }
    std::unique_ptr<store::RedisLink> link;
    Recorder recorder;
    store::RedisBus bus;
};

} // namespace

class RedisArchiveTest : public ArchiveSuite
{
    TENON_ARCHIVE_SUITE(RedisArchiveTest);
    CPPUNIT_TEST(whatIsAwayIsSaidAtOnce);
    CPPUNIT_TEST(itIsThereAgain);
    CPPUNIT_TEST(scriptsAreBroughtAgain);
    CPPUNIT_TEST(aRefusalIsSeenThoughNobodyWaits);
    CPPUNIT_TEST(allHasItsTime);
    CPPUNIT_TEST(anIdleSessionIsSmall);
    CPPUNIT_TEST_SUITE_END();

public:
    void tearDown() override { redis().thaw(); }

    void whatIsAwayIsSaidAtOnce()
    {
        const auto archive = open();
        (void)put(*archive, Kind::SESSION, "a", 0, "x");
        redis().freeze();
        const auto begun = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT(get(*archive, Kind::SESSION, "a").first == Outcome::AWAY);
        CPPUNIT_ASSERT(eventually([&] { return archive->away(); }));
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begun < 10s);
        CPPUNIT_ASSERT(get(*archive, Kind::SESSION, "a").first == Outcome::AWAY); // on this thread
        CPPUNIT_ASSERT(after(*archive, "s", 0).first == Outcome::AWAY);
        redis().thaw();
        CPPUNIT_ASSERT(eventually([&] { return get(*archive, Kind::SESSION, "a").first == Outcome::FOUND; }));
    }

    void itIsThereAgain()
    {
        const auto link = newLink();
        std::atomic<int> returns{0};
        link->onReturn([&] { ++returns; });
        link->start();
        store::RedisArchive archive(*link, freshPrefix(), EVENTS, LEASE_MS);
        CPPUNIT_ASSERT(!archive.settling());
        (void)put(archive, Kind::SESSION, "a", 0, "x");
        redis().kill();
        CPPUNIT_ASSERT(eventually([&] { return put(archive, Kind::SESSION, "b", 0, "x") == Outcome::AWAY; }));
        redis().start();
        CPPUNIT_ASSERT(eventually([&] { return returns == 1 && !archive.away(); }));
        CPPUNIT_ASSERT(get(archive, Kind::SESSION, "a").first == Outcome::UNKNOWN);
        CPPUNIT_ASSERT(eventually([&] { return !archive.settling(); }));
        link->stop();
    }

    void scriptsAreBroughtAgain()
    {
        const auto archive = open();
        (void)put(*archive, Kind::SESSION, "a", 0, "x");
        store::RedisConnection connection(store::RedisAddress::read(redis().url()), 1s);
        (void)connection.ask({"SCRIPT", "FLUSH"});
        CPPUNIT_ASSERT(eventually([&] { return put(*archive, Kind::SESSION, "b", 0, "x") == Outcome::FOUND; }));
        CPPUNIT_ASSERT(get(*archive, Kind::SESSION, "a").first == Outcome::FOUND);
    }

    void aRefusalIsSeenThoughNobodyWaits()
    {
        const auto archive = open();
        (void)put(*archive, Kind::SESSION, "a", 0, "x");
        store::RedisConnection connection(store::RedisAddress::read(redis().url()), 1s);
        (void)connection.ask({"REPLICAOF", "127.0.0.1", "1"}); // no longer the master
        archive->touch(Kind::SESSION, "a", 60'000);
        CPPUNIT_ASSERT(eventually([&] { return archive->away(); }));
        (void)connection.ask({"REPLICAOF", "NO", "ONE"});
        CPPUNIT_ASSERT(eventually([&] { return put(*archive, Kind::SESSION, "b", 0, "x") == Outcome::FOUND; }));
    }

    void allHasItsTime()
    {
        const auto archive = open();
        (void)put(*archive, Kind::TASK, "t", 1, "x", 300);
        append(*archive, "s", 0, "zero", false, "1", 300);
        (void)seal(*archive, "other", 0, "x");
        store::RedisConnection connection(store::RedisAddress::read(redis().url()), 1s);
        const auto keys = connection.ask({"KEYS", "*"});
        CPPUNIT_ASSERT(keys.items.size() >= 3);
        for (const auto& key : keys.items)
            CPPUNIT_ASSERT_MESSAGE(key.text, connection.ask({"PTTL", key.text}).number > 0);
        CPPUNIT_ASSERT(eventually([&] { return after(*archive, "s", 0).first == Outcome::UNKNOWN; }));
    }

    void anIdleSessionIsSmall()
    {
        const auto archive = open();
        const std::string text = R"({"principal":"token:somebody","version":"2025-11-25","capabilities":"1010010",)"
                                 R"("client":"a client of some name 1.2.3","level":1})";
        (void)put(*archive, Kind::SESSION, "one.12345678.00112233445566778899aabbccddeeff", 0, text, 3'600'000);
        store::RedisConnection connection(store::RedisAddress::read(redis().url()), 1s);
        const auto keys = connection.ask({"KEYS", "*:s:one.12345678*"});
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), keys.items.size());
        CPPUNIT_ASSERT(connection.ask({"MEMORY", "USAGE", keys.items[0].text}).number < 1024);
    }

protected:
    std::shared_ptr<store::Archive> open() override { return std::make_shared<OwnedArchive>(newLink(), EVENTS); }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RedisArchiveTest);

class RedisBusTest : public CppUnit::TestFixture
{
    using Outcome = store::Outcome;

    CPPUNIT_TEST_SUITE(RedisBusTest);
    CPPUNIT_TEST(lettersArriveInOrder);
    CPPUNIT_TEST(anInboxSurvivesABrokenConnection);
    CPPUNIT_TEST(whoIsGoneIsMissed);
    CPPUNIT_TEST(aRestartedRedisLosesNobody);
    CPPUNIT_TEST(whoLivesIsNotInherited);
    CPPUNIT_TEST(whatStoodStillCountsForNobody);
    CPPUNIT_TEST(allAgreeOnASecret);
    CPPUNIT_TEST_SUITE_END();

public:
    void tearDown() override { redis().thaw(); }

    void lettersArriveInOrder()
    {
        const auto prefix = freshPrefix();
        End one(prefix, "one.1"), two(prefix, "two.1"), three(prefix, "three.1");
        for (int at = 0; at < 500; ++at)
            one.bus.send("two.1", std::to_string(at), nullptr);
        one.bus.sendToOthers(std::string("a\0\n", 3));
        std::atomic<int> taken{0}, refused{0};
        const auto tell = [&](bool there) { ++(there ? taken : refused); };
        one.bus.send("nobody.1", "x", tell);
        one.bus.send("three.1", "y", tell);
        CPPUNIT_ASSERT(eventually([&] { return refused == 1 && taken == 1; }));
        CPPUNIT_ASSERT(eventually([&] { return two.recorder.letters().size() == 501; }));
        for (int at = 0; at < 500; ++at)
            CPPUNIT_ASSERT_EQUAL("one.1:" + std::to_string(at), two.recorder.letters()[static_cast<std::size_t>(at)]);
        CPPUNIT_ASSERT_EQUAL(std::string("one.1:a\0\n", 9), two.recorder.letters().back());
        CPPUNIT_ASSERT(eventually([&] { return three.recorder.letters().size() == 2; }));
        CPPUNIT_ASSERT(one.recorder.letters().empty());
    }

    void anInboxSurvivesABrokenConnection()
    {
        const auto prefix = freshPrefix();
        End one(prefix, "one.1"), two(prefix, "two.1");
        store::RedisConnection connection(store::RedisAddress::read(redis().url()), 1s);
        for (int round = 0; round < 20; ++round)
        {
            one.bus.send("two.1", std::to_string(round), nullptr);
            CPPUNIT_ASSERT(eventually([&] { return one.link->queued() == 0; }));
            if (round % 5 == 2) // the readers' connections, and those of the links, which come again
                (void)connection.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
            CPPUNIT_ASSERT(eventually([&] { return !one.link->away() && !two.link->away(); }));
        }
        CPPUNIT_ASSERT(
            eventually([&] { return !two.recorder.letters().empty() && two.recorder.letters().back() == "one.1:19"; }));
        auto letters = two.recorder.letters();
        CPPUNIT_ASSERT(std::unique(letters.begin(), letters.end()) == letters.end()); // none twice
    }

    void whoIsGoneIsMissed()
    {
        const auto prefix = freshPrefix();
        End one(prefix, "one.1");
        {
            End two(prefix, "two.1");
            CPPUNIT_ASSERT(eventually([&] { return one.recorder.members() == "one.1 two.1 "; }));
        }
        CPPUNIT_ASSERT(eventually([&] { return one.recorder.members() == "one.1 "; }));
    }

    void aRestartedRedisLosesNobody()
    {
        const auto prefix = freshPrefix();
        End one(prefix, "one.1"), two(prefix, "two.1");
        CPPUNIT_ASSERT(eventually([&] { return one.recorder.members() == "one.1 two.1 "; }));
        redis().kill();
        CPPUNIT_ASSERT(eventually([&] { return one.link->away() && two.link->away(); }));
        redis().start();
        bool missed = false;
        CPPUNIT_ASSERT(eventually(
            [&]
            {
                missed = missed || one.recorder.members().find("two.1") == std::string::npos;
                one.bus.send("two.1", "hello", nullptr);
                return !two.recorder.letters().empty();
            }));
        CPPUNIT_ASSERT(!missed);
    }

    void whoLivesIsNotInherited()
    {
        const auto prefix = freshPrefix();
        const auto link = newLink();
        store::RedisArchive archive(*link, prefix, 10, LEASE_MS);
        link->start();
        End one(prefix, "one.1");
        {
            End two(prefix, "two.1");
            CPPUNIT_ASSERT(inherit(archive, "two.1") == Outcome::AWAY); // by whoever never heard of it, too
            redis().kill();
            CPPUNIT_ASSERT(eventually([&] { return link->away() && one.link->away() && two.link->away(); }));
            redis().start();
            CPPUNIT_ASSERT(eventually([&] { return !link->away(); }));
            CPPUNIT_ASSERT(inherit(archive, "two.1") == Outcome::AWAY);
            CPPUNIT_ASSERT(inherit(archive, "never.1") == Outcome::AWAY); // it may just not have had the time
            CPPUNIT_ASSERT(eventually([&] { return inherit(archive, "never.1") == Outcome::FOUND; }));
            CPPUNIT_ASSERT(inherit(archive, "two.1") == Outcome::AWAY);
        }
        CPPUNIT_ASSERT(inherit(archive, "two.1") == Outcome::FOUND);
        link->stop();
    }

    void whatStoodStillCountsForNobody()
    {
        const auto prefix = freshPrefix();
        const auto link = newLink();
        store::RedisArchive archive(*link, prefix, 10, LEASE_MS);
        link->start();
        End one(prefix, "one.1"), two(prefix, "two.1");
        CPPUNIT_ASSERT(eventually([&] { return inherit(archive, "never.1") == Outcome::FOUND; }));
        redis().freeze();
        CPPUNIT_ASSERT(eventually([&] { return one.bus.silent() && two.bus.silent(); }));
        redis().thaw();
        for (const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2 * LEASE_MS);
             std::chrono::steady_clock::now() < until; std::this_thread::sleep_for(5ms))
        {
            CPPUNIT_ASSERT(inherit(archive, "two.1") == Outcome::AWAY);
            CPPUNIT_ASSERT(one.recorder.members().find("two.1") != std::string::npos);
        }
        CPPUNIT_ASSERT(eventually([&] { return inherit(archive, "never.1") == Outcome::FOUND; }));
    }

    void allAgreeOnASecret()
    {
        const auto prefix = freshPrefix();
        const auto link = newLink();
        store::RedisBus one(*link, prefix, "one.1", LEASE_MS, SEALED_MS),
            two(*link, prefix, "two.1", LEASE_MS, SEALED_MS);
        one.agreeOnSecret(std::string(64, 'a'));
        two.agreeOnSecret(std::string(64, 'b'));
        CPPUNIT_ASSERT_EQUAL(std::string(64, 'a'), two.secret());
    }

private:
    /// Takes the place of an instance in a stream that nobody finished, and in a task.
    static Outcome inherit(store::Archive& archive, const std::string& from)
    {
        static int count = 0;
        const auto id = std::to_string(++count);
        const auto stream = std::make_shared<std::promise<Outcome>>(), task = std::make_shared<std::promise<Outcome>>();
        archive.seal(id, 0, "1", "{}", 60'000, from, [stream](Outcome outcome) { stream->set_value(outcome); });
        archive.put({store::RecordKind::TASK, id, "", 1, "", 60'000}, nullptr);
        store::Record heir{store::RecordKind::TASK, id, "", 2, "", 60'000};
        heir.replaces = 1;
        heir.heirOf = from;
        archive.put(std::move(heir), [task](Outcome outcome) { task->set_value(outcome); });
        const auto ofStream = stream->get_future().get(), ofTask = task->get_future().get();
        return ofStream == Outcome::FOUND ? ofTask : ofStream; // the first may just have been too early
    }

    static bool eventually(const std::function<bool()>& condition)
    {
        for (int left = 2000; left > 0; --left, std::this_thread::sleep_for(10ms))
            if (condition())
                return true;
        return false;
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RedisBusTest);

class RedisAddressTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RedisAddressTest);
    CPPUNIT_TEST(addressesAreRead);
    CPPUNIT_TEST(whatIsNoAddressIsRefusedWithoutItsPassword);
    CPPUNIT_TEST_SUITE_END();

public:
    void addressesAreRead()
    {
        const auto all = store::RedisAddress::read("redis://me:p%40ss@host:1234/5");
        CPPUNIT_ASSERT_EQUAL(std::string("host:1234"), all.text());
        CPPUNIT_ASSERT_EQUAL(std::string("me"), all.user);
        CPPUNIT_ASSERT_EQUAL(std::string("p@ss"), all.password);
        CPPUNIT_ASSERT_EQUAL(5U, all.database);
        const auto few = store::RedisAddress::read("redis://:secret@host");
        CPPUNIT_ASSERT_EQUAL(std::string("host:6379"), few.text());
        CPPUNIT_ASSERT(few.user.empty() && few.password == "secret" && few.database == 0);
        const auto known = store::RedisAddress::read("redis+sentinel://:secret@one,[::1]:7/mymaster/3");
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), known.places.size());
        CPPUNIT_ASSERT_EQUAL(std::string("one:26379"), known.places[0].text());
        CPPUNIT_ASSERT_EQUAL(std::string("::1:7"), known.places[1].text());
        CPPUNIT_ASSERT(known.master == "mymaster" && known.password == "secret" && known.database == 3);
        CPPUNIT_ASSERT(!known.secure && store::RedisAddress::read("rediss+sentinel://one/mymaster").secure);
        CPPUNIT_ASSERT(!few.secure && store::RedisAddress::read("rediss://:secret@host").secure);
    }

    void whatIsNoAddressIsRefusedWithoutItsPassword()
    {
        for (const char* url : {"", "host", "http://:secret@host", "redis://:secret@host/x", "redis:///0",
                                "redis://secret@host", "redis+sentinel://:secret@host",
                                "redis+sentinel://:secret@host/", "redis://:secret@host:x", "redis://:secret%4@host"})
            try
            {
                (void)store::RedisAddress::read(url);
                CPPUNIT_FAIL(url);
            }
            catch (const Poco::InvalidArgumentException& exc)
            {
                CPPUNIT_ASSERT(exc.message().find("cluster.redis") != std::string::npos);
                CPPUNIT_ASSERT_MESSAGE(exc.message(), exc.message().find("secret") == std::string::npos);
            }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RedisAddressTest);

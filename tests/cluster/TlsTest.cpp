// Redis over TLS.
#include "base/threads/SteadyClock.h"
#include "cluster/RedisServer.h"
#include "store/redis/RedisLink.h"
#include "store/redis/wire/RedisTlsChannel.h"

#include "support/FreePort.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/extensions/HelperMacros.h>

#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <future>
#include <unistd.h>

using namespace tenon;
using namespace tenon::tests;
using namespace std::chrono_literals;

namespace
{

RedisServer& redis()
{
    static RedisServer server(true);
    return server;
}

/// A Sentinel that knows `master` as "mymaster", and speaks TLS as that one does, with the same certificate.
class Sentinel
{
public:
    explicit Sentinel(const RedisServer& master) : _port(freePort())
    {
        Poco::File(_folder.path()).createDirectory();
        const std::string file = _folder.path() + "/sentinel.conf";
        std::ofstream(file) << "port 0\ntls-port " << _port << "\nbind 127.0.0.1\ndir " << _folder.path()
                            << "\ntls-cert-file " << master.certificate() << "\ntls-key-file " << master.key()
                            << "\ntls-ca-cert-file " << master.certificate()
                            << "\ntls-replication yes\nlogfile sentinel.log\nsentinel monitor mymaster 127.0.0.1 "
                            << master.port() << " 1\n";
        _pid = ::fork();
        if (_pid == 0)
        {
            ::execlp("redis-server", "redis-server", file.c_str(), "--sentinel", nullptr);
            ::_exit(127);
        }
    }
    ~Sentinel()
    {
        ::kill(_pid, SIGKILL);
        ::waitpid(_pid, nullptr, 0);
    }
    Sentinel(const Sentinel&) = delete;
    Sentinel& operator=(const Sentinel&) = delete;

    [[nodiscard]] std::string url(const std::string& master, const char* scheme = "rediss") const
    {
        // One that is gone comes first.
        return std::string(scheme) + "+sentinel://127.0.0.1:1,127.0.0.1:" + std::to_string(_port) + '/' + master;
    }

private:
    Poco::TemporaryFile _folder;
    const std::uint16_t _port;
    pid_t _pid = 0;
};

std::string whyNot(const store::RedisAddress& address)
{
    try
    {
        store::RedisConnection connection(address, 2s);
        return "connected";
    }
    catch (const Poco::IOException& exc)
    {
        return exc.message();
    }
}

} // namespace

class RedisTlsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RedisTlsTest);
    CPPUNIT_TEST(largeAndManyCommandsAreAnsweredInOrder);
    CPPUNIT_TEST(anAuthorityThatWeDoNotKnowIsNotBelieved);
    CPPUNIT_TEST(aCertificateOfAnotherNameIsNotBelieved);
    CPPUNIT_TEST(whoShowsNoCertificateIsToldSo);
    CPPUNIT_TEST(aServerWithoutTlsIsNotSpokenTo);
    CPPUNIT_TEST(aServerThatIsStoppedIsNotWaitedForLong);
    CPPUNIT_TEST(theLinkComesBack);
    CPPUNIT_TEST(sentinelsAreAskedOverTls);
    CPPUNIT_TEST_SUITE_END();

public:
    void largeAndManyCommandsAreAnsweredInOrder()
    {
        store::RedisConnection connection(redis().address(), 5s);
        std::string large(3'000'000, 'x');
        large[1'500'000] = '\0';
        std::vector<store::RedisCommand> commands{{"SET", "large", large}, {"GET", "large"}};
        for (int at = 0; at < 5'000; ++at)
            commands.push_back({"ECHO", std::to_string(at)});
        const auto replies = connection.askAll(commands);
        CPPUNIT_ASSERT(replies[1].text == large);
        for (int at = 0; at < 5'000; ++at)
            CPPUNIT_ASSERT_EQUAL(std::to_string(at), replies[static_cast<std::size_t>(at) + 2].text);
        CPPUNIT_ASSERT(connection.ask({"NONSENSE"}).kind == store::RedisReply::Kind::ERROR);
        CPPUNIT_ASSERT_EQUAL(std::size_t(40), connection.runId().size());
    }

    void anAuthorityThatWeDoNotKnowIsNotBelieved()
    {
        auto address = redis().address();
        address.tls = std::make_shared<store::RedisTls>("", redis().certificate(), redis().key());
        const std::string why = whyNot(address);
        CPPUNIT_ASSERT_MESSAGE(why, why.find("over TLS") != std::string::npos &&
                                        why.find("certificate verify failed") != std::string::npos);
    }

    void aCertificateOfAnotherNameIsNotBelieved()
    {
        auto address = store::RedisAddress::read(redis().url("localhost"));
        address.tls = redis().address().tls;
        const std::string why = whyNot(address);
        CPPUNIT_ASSERT_MESSAGE(why, why.find("over TLS") != std::string::npos);
    }

    void whoShowsNoCertificateIsToldSo()
    {
        auto address = redis().address();
        address.tls = std::make_shared<store::RedisTls>(redis().certificate(), "", "");
        const std::string why = whyNot(address);
        CPPUNIT_ASSERT_MESSAGE(why, why.find("Redis at 127.0.0.1:") != std::string::npos);
    }

    void aServerWithoutTlsIsNotSpokenTo()
    {
        const RedisServer plain;
        auto address = redis().address();
        address.places.front().port = plain.port();
        const std::int64_t before = base::steadyMs();
        const std::string why = whyNot(address);
        CPPUNIT_ASSERT_MESSAGE(why, why.find("over TLS") != std::string::npos);
        CPPUNIT_ASSERT(base::steadyMs() - before < 60'000);
    }

    void aServerThatIsStoppedIsNotWaitedForLong()
    {
        RedisServer other(true);
        store::RedisConnection connection(other.address(), 300ms);
        other.freeze();
        std::int64_t before = base::steadyMs();
        CPPUNIT_ASSERT_THROW((void)connection.ask({"PING"}), Poco::IOException);
        // However much is to be sent.
        store::RedisAddress again = other.address();
        CPPUNIT_ASSERT_THROW(store::RedisConnection(again, 300ms), Poco::IOException);
        other.thaw();
        store::RedisConnection third(other.address(), 300ms);
        other.freeze();
        CPPUNIT_ASSERT_THROW((void)third.ask({"SET", "much", std::string(32'000'000, 'x')}), Poco::IOException);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(base::steadyMs() - before), base::steadyMs() - before < 60'000);
        other.thaw();
    }

    void theLinkComesBack()
    {
        RedisServer other(true);
        store::RedisLink link(other.address(), 1s);
        link.start();
        CPPUNIT_ASSERT_EQUAL(std::string("PONG"), ask(link));
        other.kill();
        for (int left = 200; left > 0 && !link.away(); --left)
            std::this_thread::sleep_for(50ms);
        CPPUNIT_ASSERT(link.away());
        other.start();
        for (int left = 200; left > 0 && link.away(); --left)
            std::this_thread::sleep_for(50ms);
        CPPUNIT_ASSERT_EQUAL(std::string("PONG"), ask(link));
    }

    void sentinelsAreAskedOverTls()
    {
        const Sentinel sentinel(redis());
        auto address = store::RedisAddress::read(sentinel.url("mymaster"));
        address.tls = redis().address().tls;
        std::string why;
        for (int left = 400; left > 0 && (why = whyNot(address)) != "connected"; --left)
            std::this_thread::sleep_for(50ms);
        CPPUNIT_ASSERT_EQUAL(std::string("connected"), why);
        store::RedisConnection connection(address, 5s);
        CPPUNIT_ASSERT_EQUAL(std::string("master"), connection.ask({"ROLE"}).items.at(0).text); // no Sentinel
        auto unknown = store::RedisAddress::read(sentinel.url("another"));
        unknown.tls = address.tls;
        CPPUNIT_ASSERT_MESSAGE(whyNot(unknown),
                               whyNot(unknown).find("knows no master of that name") != std::string::npos);
        address.tls = std::make_shared<store::RedisTls>("", redis().certificate(), redis().key());
        why = whyNot(address); // who cannot show that he is a Sentinel of ours is not believed
        CPPUNIT_ASSERT_MESSAGE(why, why.find("certificate verify failed") != std::string::npos);
        CPPUNIT_ASSERT(whyNot(store::RedisAddress::read(sentinel.url("mymaster", "redis"))) != "connected");
    }

private:
    static std::string ask(store::RedisLink& link)
    {
        std::promise<std::string> answer;
        link.ask({"PING"},
                 [&answer](const store::RedisReply* reply) { answer.set_value(reply ? reply->text : "away"); });
        return answer.get_future().get();
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RedisTlsTest);

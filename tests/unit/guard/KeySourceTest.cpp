#include "guard/jwt/KeySource.h"
#include "guard/jwt/JwtSetup.h"
#include "guard/jwt/JwtVerifier.h"
#include "unit/guard/Fixture.h"
#include "unit/guard/TestKeys.h"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <cppunit/extensions/HelperMacros.h>

#include <condition_variable>
#include <mutex>

using namespace tenon;
using namespace tenon::test;
using guard::RemoteKeys;
using guard::Verdict;

namespace
{

/// A web of given documents, which counts who comes.
class FakeWeb : public guard::Fetcher
{
public:
    std::string get(const std::string& url) override
    {
        const std::lock_guard lock(mutex);
        ++requests;
        wake.notify_all();
        const auto page = pages.find(url);
        if (page == pages.end())
            throw Poco::IOException(url + ": status 404");
        return page->second;
    }

    void put(const std::string& url, const std::string& content)
    {
        const std::lock_guard lock(mutex);
        pages[url] = content;
    }

    void awaitRequests(int count)
    {
        std::unique_lock lock(mutex);
        CPPUNIT_ASSERT(wake.wait_for(lock, std::chrono::seconds(20), [&] { return requests >= count; }));
    }

    std::mutex mutex; // guards all below
    std::condition_variable wake;
    std::map<std::string, std::string> pages;
    int requests = 0;
};

} // namespace

class KeySourceTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(KeySourceTest);
    CPPUNIT_TEST(fetches);
    CPPUNIT_TEST(keepsWhatItHasWhenTheSourceIsGone);
    CPPUNIT_TEST(doesNotKeepItForEver);
    CPPUNIT_TEST(findsKeysThroughMetadata);
    CPPUNIT_TEST(refusesMetadataOfAnotherIssuer);
    CPPUNIT_TEST(unknownKeysAskOnceInAWhile);
    CPPUNIT_TEST(rotation);
    CPPUNIT_TEST(theKeysOfOneIssuerDoNotVouchForAnother);
    CPPUNIT_TEST(oneIssuerThatIsDownStopsNobodyElse);
    CPPUNIT_TEST(aPrincipalEndsWithItsToken);
    CPPUNIT_TEST(aReloadDoesNotWaitForTheNetwork);
    CPPUNIT_TEST(plainHttpIsRefused);
    CPPUNIT_TEST_SUITE_END();

    const std::string _url = "https://login.example/keys";
    const std::string _first = R"({"keys":[{"kid":"1",)" + rsaKey().jwk + "}]}";
    const std::string _second = R"({"keys":[{"kid":"2",)" + otherRsaKey().jwk + "}]}";

    std::shared_ptr<FakeWeb> _web = std::make_shared<FakeWeb>();
    FakeClock _clock;

    /// Without its thread: the tests look by hand.
    std::shared_ptr<RemoteKeys> made(RemoteKeys::Options options)
    {
        auto keys = std::make_shared<RemoteKeys>(std::move(options), _web, _clock);
        keys->end();
        return keys;
    }

public:
    void fetches()
    {
        _web->put(_url, _first);
        const auto keys = made({_url, {}, 1000, {}});
        keys->fetch();
        CPPUNIT_ASSERT(keys->keys()->knows("1"));
        _web->put(_url, _second);
        keys->fetch();
        CPPUNIT_ASSERT(!keys->keys()->knows("1"));
        CPPUNIT_ASSERT(keys->keys()->knows("2"));
    }

    void keepsWhatItHasWhenTheSourceIsGone()
    {
        _web->put(_url, _first);
        const auto keys = made({_url, {}, 1000, {}});
        keys->fetch();
        for (const char* content : {"nonsense", "{}", "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}"})
        {
            _web->put(_url, content);
            CPPUNIT_ASSERT_THROW_MESSAGE(content, keys->fetch(), Poco::Exception);
            CPPUNIT_ASSERT(keys->keys()->knows("1"));
        }
    }

    void doesNotKeepItForEver()
    {
        _web->put(_url, _first);
        const auto keys = made({_url, {}, 1000, {}});
        keys->fetch();
        _clock.advanceMs(24 * 3'600'000);
        CPPUNIT_ASSERT(keys->keys());
        _clock.advanceMs(1);
        CPPUNIT_ASSERT(!keys->keys());
    }

    void findsKeysThroughMetadata()
    {
        _web->put("https://login.example/.well-known/openid-configuration/tenant",
                  R"({"issuer":"https://login.example/tenant","jwks_uri":"https://login.example/keys"})");
        _web->put(_url, _first);
        const auto keys = made({"", {"https://login.example/tenant"}, 1000, {}});
        keys->fetch();
        CPPUNIT_ASSERT(keys->keys()->knows("1"));
    }

    void refusesMetadataOfAnotherIssuer()
    {
        _web->put("https://login.example/.well-known/oauth-authorization-server",
                  R"({"issuer":"https://evil.example","jwks_uri":"https://login.example/keys"})");
        _web->put(_url, _first);
        const auto keys = made({"", {"https://login.example"}, 1000, {}});
        CPPUNIT_ASSERT_THROW(keys->fetch(), Poco::Exception);
        CPPUNIT_ASSERT(!keys->keys());
    }

    void unknownKeysAskOnceInAWhile()
    {
        _web->put(_url, _first);
        RemoteKeys keys({_url, {}, 3'600'000, {}}, _web, _clock);
        _web->awaitRequests(1);
        while (keys.refresh()) // as long as the first look goes on
            std::this_thread::yield();
        for (int at = 0; at < 1000; ++at)
            CPPUNIT_ASSERT(!keys.refresh());
        _clock.advanceMs(10'000);
        CPPUNIT_ASSERT(keys.refresh());
        _web->awaitRequests(2);
        while (keys.refresh())
            std::this_thread::yield();
        CPPUNIT_ASSERT_EQUAL(2, _web->requests);
    }

    // A token signed with a key that was published a moment ago is told to come back, and is let in then.
    void rotation()
    {
        _web->put(_url, _first);
        const auto keys = std::make_shared<RemoteKeys>(RemoteKeys::Options{_url, {}, 3'600'000, {}}, _web, _clock);
        while (!keys->keys())
            std::this_thread::yield();
        const guard::Types types(*base::Settings::of({}, guard::settings()));
        guard::JwtVerifier::Options options;
        options.defaultType = "team";
        guard::JwtVerifier verifier(options, {keys}, types);
        const auto verify = [&](const TestKey& key, const char* id)
        {
            const std::string token = signedWith(key, "RS256", R"({"alg":"RS256","kid":")" + std::string(id) + "\"}",
                                                 R"({"sub":"x","exp":1800000600})");
            return verifier.verify({guard::Credential::Kind::BEARER, token}, _clock).outcome;
        };
        CPPUNIT_ASSERT(verify(rsaKey(), "1") == Verdict::Outcome::ACCEPTED);
        _web->put(_url, _second);
        _clock.advanceMs(20'000);
        while (verify(otherRsaKey(), "2") == Verdict::Outcome::UNAVAILABLE)
            std::this_thread::yield();
        CPPUNIT_ASSERT(verify(otherRsaKey(), "2") == Verdict::Outcome::ACCEPTED);
        Verdict::Outcome old = verify(rsaKey(), "1");
        while (old == Verdict::Outcome::UNAVAILABLE)
            old = verify(rsaKey(), "1");
        CPPUNIT_ASSERT(old == Verdict::Outcome::REJECTED);

        // Issuers with a single key often do not name it.
        _web->put(_url, R"({"keys":[{)" + rsaKey().jwk + "}]}");
        _clock.advanceMs(20'000);
        const std::string unnamed =
            signedWith(rsaKey(), "RS256", R"({"alg":"RS256"})", R"({"sub":"x","exp":1800000600})");
        Verdict::Outcome fresh = Verdict::Outcome::UNAVAILABLE;
        while (fresh == Verdict::Outcome::UNAVAILABLE)
            fresh = verifier.verify({guard::Credential::Kind::BEARER, unnamed}, _clock).outcome;
        CPPUNIT_ASSERT(fresh == Verdict::Outcome::ACCEPTED);
    }

    /// Two authorization servers, each with a key of its own under the same id.
    std::unique_ptr<guard::JwtVerifier> twoIssuers(guard::KeyFetching& fetching, const guard::Types& types)
    {
        const auto settings =
            base::Settings::of({{"auth.oauth.authorizationServers", "https://a.example, https://b.example"},
                                {"auth.jwt.audience", "me"},
                                {"auth.jwt.defaultType", "team"}},
                               guard::settings());
        fetching.fetcher = _web;
        return guard::makeJwtVerifier(*settings, true, {}, types, _clock, fetching);
    }

    void publish(const std::string& issuer, const std::string& keys)
    {
        _web->put(issuer + "/keys", keys);
        _web->put(issuer + "/.well-known/oauth-authorization-server",
                  R"({"issuer":")" + issuer + R"(","jwks_uri":")" + issuer + R"(/keys"})");
    }

    Verdict verifyOnce(guard::JwtVerifier& verifier, const TestKey& key, const std::string& issuer)
    {
        const std::string token = signedWith(key, "RS256", R"({"alg":"RS256","kid":"1"})",
                                             R"({"sub":"x","aud":"me","exp":1800000600,"iss":")" + issuer + "\"}");
        return verifier.verify({guard::Credential::Kind::BEARER, token}, _clock);
    }

    void theKeysOfOneIssuerDoNotVouchForAnother()
    {
        publish("https://a.example", _first);
        publish("https://b.example", R"({"keys":[{"kid":"1",)" + otherRsaKey().jwk + "}]}");
        const guard::Types types(*base::Settings::of({}, guard::settings()));
        guard::KeyFetching fetching;
        const auto verifier = twoIssuers(fetching, types);
        for (const auto& keys : fetching.keys)
            while (!keys->keys())
                std::this_thread::yield();
        CPPUNIT_ASSERT(verifyOnce(*verifier, rsaKey(), "https://a.example").outcome == Verdict::Outcome::ACCEPTED);
        CPPUNIT_ASSERT(verifyOnce(*verifier, otherRsaKey(), "https://b.example").outcome == Verdict::Outcome::ACCEPTED);
        CPPUNIT_ASSERT(verifyOnce(*verifier, otherRsaKey(), "https://a.example").outcome == Verdict::Outcome::REJECTED);
        CPPUNIT_ASSERT(verifyOnce(*verifier, rsaKey(), "https://b.example").outcome == Verdict::Outcome::REJECTED);
        CPPUNIT_ASSERT(verifyOnce(*verifier, rsaKey(), "https://c.example").outcome == Verdict::Outcome::REJECTED);
        CPPUNIT_ASSERT(verifyOnce(*verifier, rsaKey(), "").outcome == Verdict::Outcome::REJECTED);
    }

    void oneIssuerThatIsDownStopsNobodyElse()
    {
        publish("https://a.example", _first);
        const guard::Types types(*base::Settings::of({}, guard::settings()));
        guard::KeyFetching fetching;
        const auto verifier = twoIssuers(fetching, types);
        while (!fetching.keys.front()->keys())
            std::this_thread::yield();
        CPPUNIT_ASSERT(verifyOnce(*verifier, rsaKey(), "https://a.example").outcome == Verdict::Outcome::ACCEPTED);
        CPPUNIT_ASSERT(verifyOnce(*verifier, rsaKey(), "https://b.example").outcome == Verdict::Outcome::UNAVAILABLE);
        CPPUNIT_ASSERT(verifyOnce(*verifier, otherRsaKey(), "https://c.example").outcome == Verdict::Outcome::REJECTED);
    }

    void aPrincipalEndsWithItsToken()
    {
        const guard::Types types(*base::Settings::of({}, guard::settings()));
        auto keys = std::make_shared<guard::KeySet>();
        keys->addJwks(_first);
        guard::JwtVerifier::Options options;
        options.defaultType = "team";
        options.audiences = {"me"};
        guard::JwtVerifier verifier(options, {std::make_shared<guard::FixedKeys>(keys)}, types);
        const Verdict verdict = verifyOnce(verifier, rsaKey(), "https://a.example");
        CPPUNIT_ASSERT(verdict.principal);
        const auto left =
            verdict.principal->expiresAt.time_since_epoch() - std::chrono::milliseconds(_clock.steadyMs());
        CPPUNIT_ASSERT(std::chrono::seconds(600 + options.skewSeconds) == left);
    }

    // A reload used to wait for the fetch that went on, with every request behind it.
    void aReloadDoesNotWaitForTheNetwork()
    {
        Poco::Net::ServerSocket silent(Poco::Net::SocketAddress("127.0.0.1", 0));
        const std::string url = "http://127.0.0.1:" + std::to_string(silent.address().port()) + "/keys";
        const auto settings = [&](const std::string& path)
        {
            return base::Settings::of({{"auth.type", "jwt"}, {"auth.jwt.jwksUrl", path}, {"auth.jwt.audience", "me"}},
                                      guard::settings());
        };
        guard::Gate gate(*settings(url), {});
        Poco::Net::StreamSocket fetching = silent.acceptConnection();
        char byte = 0;
        CPPUNIT_ASSERT_EQUAL(1, fetching.receiveBytes(&byte, 1));
        gate.reload(*settings(url + "2"));
        Poco::Net::StreamSocket next = silent.acceptConnection();
        CPPUNIT_ASSERT_EQUAL(1, next.receiveBytes(&byte, 1));
        FakeHeaders headers{{"Host", "localhost"}};
        guard::RequestFacts facts;
        facts.path = "/mcp";
        facts.peerAddress = "127.0.0.1";
        facts.headers = &headers.fields();
        CPPUNIT_ASSERT_EQUAL(401, gate.admit(facts).refusal->status);
        // Had anybody waited, the first fetch would have ended: it is still there, its request not read to the end.
        char rest[4096];
        while (fetching.poll(Poco::Timespan(0), Poco::Net::Socket::SELECT_READ))
            CPPUNIT_ASSERT_MESSAGE("the fetch was given up first", fetching.receiveBytes(rest, sizeof rest) > 0);
        fetching.close();
        next.close();
        silent.close();
    }

    void plainHttpIsRefused()
    {
        const auto web = guard::Fetcher::web();
        for (const char* url :
             {"http://login.example/keys", "file:///etc/passwd", "ftp://login.example", "", "login.example"})
            CPPUNIT_ASSERT_THROW_MESSAGE(url, (void)web->get(url), Poco::Exception);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(KeySourceTest);

#include "guard/jwt/KeySource.h"
#include "guard/jwt/JwtVerifier.h"
#include "unit/guard/Fixture.h"
#include "unit/guard/TestKeys.h"

#include <Poco/Exception.h>

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
        keys->stop();
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

    void plainHttpIsRefused()
    {
        const auto web = guard::Fetcher::web();
        for (const char* url :
             {"http://login.example/keys", "file:///etc/passwd", "ftp://login.example", "", "login.example"})
            CPPUNIT_ASSERT_THROW_MESSAGE(url, (void)web->get(url), Poco::Exception);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(KeySourceTest);

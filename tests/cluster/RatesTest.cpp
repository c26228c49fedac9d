// What instances count together, over a real Redis.
#include "base/threads/SteadyClock.h"
#include "cluster/RedisServer.h"
#include "guard/limits/SharedRates.h"
#include "store/redis/RedisBus.h"
#include "store/redis/RedisLimits.h"
#include "store/redis/wire/RedisAddress.h"
#include "unit/store/SharedLimitsSuite.h"

#include <thread>
#include <vector>

using namespace tenon;
using namespace tenon::tests;
using namespace std::chrono_literals;

namespace
{

class Deaf : public store::BusListener
{
public:
    void received(const std::string&, std::string_view) override {}
    void members(const std::vector<store::Member>&) override {}
    void lapsed() override {}
};

/// An instance's link and sign of life, with the limits over it.
class OwnedLimits : public store::SharedLimits
{
public:
    OwnedLimits(const RedisServer& redis, const std::string& prefix, const std::string& tag)
        : _link(store::RedisAddress::read(redis.url()), 500ms), _bus(_link, prefix, tag, 2'000, 60'000),
          _limits(_link, prefix, tag)
    {
        _link.start();
        _bus.start(_listener);
    }
    ~OwnedLimits() override
    {
        _bus.stop();
        _link.stop();
    }
    void draw(const std::string& key, std::uint32_t perMinute, std::uint32_t spent, std::uint32_t wanted,
              std::function<void(const Drawn*)> answer) override
    {
        _limits.draw(key, perMinute, spent, wanted, std::move(answer));
    }
    void reserve(const std::string& key, std::uint64_t most, std::uint64_t held, std::uint64_t wanted,
                 std::function<void(const Reserved*)> answer) override
    {
        _limits.reserve(key, most, held, wanted, std::move(answer));
    }
    [[nodiscard]] bool away() const override { return _limits.away(); }

private:
    store::RedisLink _link;
    Deaf _listener;
    store::RedisBus _bus;
    store::RedisLimits _limits;
};

RedisServer& redis()
{
    static RedisServer server;
    return server;
}

std::string freshPrefix()
{
    static int count = 0;
    return "limits" + std::to_string(++count);
}

} // namespace

class RedisLimitsTest : public SharedLimitsSuite
{
    TENON_SHARED_LIMITS_SUITE(RedisLimitsTest);

protected:
    std::unique_ptr<Limits> join() override
    {
        return std::make_unique<OwnedLimits>(redis(), _prefix, "instance" + std::to_string(++_count));
    }
    void pass(int ms) override { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

private:
    const std::string _prefix = freshPrefix();
    int _count = 0;
};
CPPUNIT_TEST_SUITE_REGISTRATION(RedisLimitsTest);

class RatesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RatesTest);
    CPPUNIT_TEST(twoInstancesHoldOneLimit);
    CPPUNIT_TEST(nobodyWaitsForARedisThatIsStopped);
    CPPUNIT_TEST_SUITE_END();

public:
    void twoInstancesHoldOneLimit()
    {
        const std::string prefix = freshPrefix();
        OwnedLimits one(redis(), prefix, "one"), two(redis(), prefix, "two");
        guard::SharedRates first(one), second(two);
        // From both at full speed, until they have had enough of being refused.
        constexpr std::uint32_t PER_MINUTE = 3000;
        const std::int64_t begin = base::steadyMs();
        std::atomic<int> allowed{0};
        const auto flood = [&](guard::SharedRates& rates)
        {
            for (std::int64_t now = begin; now < begin + 3'000; now = base::steadyMs())
            {
                allowed += rates.take("somebody", PER_MINUTE, now).allowed ? 1 : 0;
                std::this_thread::sleep_for(100us);
            }
        };
        std::thread beside([&] { flood(first); });
        flood(second);
        beside.join();
        const double expected = PER_MINUTE * (1 + static_cast<double>(base::steadyMs() - begin) / 60'000);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(allowed) + " for " + std::to_string(expected),
                               allowed >= expected * 0.9 && allowed <= expected * 1.1);
    }

    void nobodyWaitsForARedisThatIsStopped()
    {
        RedisServer other;
        OwnedLimits one(other, "stopped", "one");
        guard::SharedRates rates(one);
        (void)rates.take("somebody", 60'000, base::steadyMs());
        other.freeze();
        int allowed = 0;
        std::int64_t longest = 0;
        for (const std::int64_t until = base::steadyMs() + 2'000; base::steadyMs() < until;
             std::this_thread::sleep_for(1ms))
        {
            const std::int64_t before = base::steadyMs();
            allowed += rates.take("somebody", 60'000, before).allowed ? 1 : 0;
            longest = std::max(longest, base::steadyMs() - before);
        }
        other.thaw();
        CPPUNIT_ASSERT_MESSAGE(std::to_string(allowed), allowed > 100);
        CPPUNIT_ASSERT_MESSAGE(std::to_string(longest), longest < 400);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RatesTest);

#include "store/Backing.h"

#if defined(TENON_STORE_REDIS)
#include "base/text/RandomId.h"
#include "store/redis/RedisArchive.h"
#include "store/redis/RedisBus.h"
#include "store/redis/RedisLimits.h"
#endif
#if defined(TENON_STORE_SQLITE)
#include "store/sqlite/SqliteArchive.h"
#endif

namespace tenon::store
{

namespace
{

#if defined(TENON_STORE_SQLITE)
class SqliteBacking final : public Backing
{
public:
    SqliteBacking(InstanceId id, const Settings& settings)
        : Backing(std::move(id)), _archive(settings.file, settings.streamEvents)
    {
    }
    void start() override { _archive.start(); }
    void stop() override { _archive.stop(); }
    [[nodiscard]] Archive& archive() override { return _archive; }
    [[nodiscard]] Bus* bus() override { return nullptr; }
    [[nodiscard]] SharedLimits* limits() override { return nullptr; }
    [[nodiscard]] const std::string& secret() const override { return _noSecret; }

private:
    const std::string _noSecret;
    SqliteArchive _archive;
};
#endif

#if defined(TENON_STORE_REDIS)
class RedisBacking final : public Backing
{
    static constexpr std::size_t SECRET_DIGITS = 64;

public:
    RedisBacking(InstanceId id, const Settings& settings)
        : Backing(std::move(id)), _link(addressOf(settings), std::chrono::milliseconds(settings.patienceMs)),
          _archive(_link, settings.prefix, settings.streamEvents, settings.leaseMs),
          _bus(_link, settings.prefix, instance().tag(), settings.leaseMs, settings.sealedMs),
          _limits(_link, settings.prefix, instance().tag())
    {
    }
    void start() override
    {
        _link.start();
        if (!_link.away())
            _bus.agreeOnSecret(base::randomId(SECRET_DIGITS));
    }
    void stop() override
    {
        _bus.stop();
        _link.stop();
    }
    [[nodiscard]] Archive& archive() override { return _archive; }
    [[nodiscard]] Bus* bus() override { return &_bus; }
    [[nodiscard]] SharedLimits* limits() override { return &_limits; }
    [[nodiscard]] const std::string& secret() const override { return _bus.secret(); }

private:
    RedisLink _link;
    RedisArchive _archive;
    RedisBus _bus;
    RedisLimits _limits;
};
#endif

} // namespace

std::unique_ptr<Backing> Backing::open(const Settings& settings)
{
    if (!settings.backed())
        return nullptr;
    auto id = InstanceId::make(settings.instance);
#if defined(TENON_STORE_SQLITE)
    if (!settings.file.empty())
        return std::make_unique<SqliteBacking>(std::move(id), settings);
#endif
#if defined(TENON_STORE_REDIS)
    if (!settings.redis.empty())
        return std::make_unique<RedisBacking>(std::move(id), settings);
#endif
    return nullptr;
}

} // namespace tenon::store

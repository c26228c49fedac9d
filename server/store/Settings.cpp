#include "store/Settings.h"

#include "base/settings/SettingsException.h"
#include "store/InstanceId.h"
#if defined(TENON_STORE_REDIS)
#include "store/redis/wire/RedisAddress.h"
#include "store/redis/wire/RedisTlsChannel.h"
#endif

#include <Poco/Exception.h>

#include <string_view>

namespace tenon::store
{

using base::SettingType;

namespace
{

constexpr std::string_view SQLITE = "sqlite:";

std::string fileOf(const base::Settings& settings)
{
    const std::string store = settings.text("store");
    if (store == "memory")
        return {};
    if (!store.starts_with(SQLITE) || store.size() == SQLITE.size())
        settings.refuse("store", "must be memory, or sqlite: and a file, such as sqlite:/var/lib/tenon/store.db");
#if !defined(TENON_STORE_SQLITE)
    settings.refuse("store", "cannot be sqlite: this server was built without Poco's DataSQLite");
#endif
    std::string file = store.substr(SQLITE.size());
    const bool absolute = file.front() == '/' || file.front() == '\\' || (file.size() > 1 && file[1] == ':');
    return absolute ? file : settings.folderOf("store") + file;
}

} // namespace

#if defined(TENON_STORE_REDIS)
RedisAddress addressOf(const Settings& settings)
{
    RedisAddress address = RedisAddress::read(settings.redis);
    if (!address.secure && (!settings.authorities.empty() || !settings.certificate.empty()))
        throw Poco::InvalidArgumentException(
            "'cluster.redis' must begin with rediss:// where certificates are set for it");
    if (settings.certificate.empty() != settings.key.empty())
        throw Poco::InvalidArgumentException("'cluster.certificate' and 'cluster.key' are set together");
    try
    {
        if (address.secure)
            address.tls = std::make_shared<RedisTls>(settings.authorities, settings.certificate, settings.key);
    }
    catch (const Poco::Exception& exc)
    {
        throw Poco::InvalidArgumentException("TLS to Redis cannot be set up: " + exc.displayText());
    }
    return address;
}
#endif

std::vector<base::SettingSpec> settings()
{
    return {
        {"store", SettingType::TEXT, "memory", "",
         "Where sessions, events of open streams and tasks are kept: memory, or sqlite:FILE, which keeps them over a "
         "restart. A relative FILE is looked for from the folder of the settings file."},
        {"cluster.redis", SettingType::TEXT, "", "",
         "Address of the Redis (7 or later, or Valkey) through which several instances share sessions, events and "
         "tasks: redis://user:password@host:6379/0, or redis+sentinel://user:password@host:26379,host:26379/master; "
         "with rediss in place of redis over TLS; empty: one instance."},
        {"cluster.authorities", SettingType::PATH, "", "",
         "PEM file or folder of the authorities of Redis' certificate, for rediss://; empty: the system's."},
        {"cluster.certificate", SettingType::PATH, "", "",
         "PEM file of the certificate that is shown to Redis, and its chain; empty: none, for a Redis with "
         "tls-auth-clients no."},
        {"cluster.key", SettingType::PATH, "", "", "PEM file of that certificate's private key."},
        {"cluster.instance", SettingType::TEXT, "", "",
         "Name of this instance in ids of sessions, streams and tasks, so that a balancer can tell whose they are: 32 "
         "letters, digits and dashes at most; empty: made up at each start where ids have to name it."},
        {"cluster.prefix", SettingType::TEXT, "tenon", "",
         "How all keys in Redis begin, so that several services can share one."},
        {"cluster.leaseMs", SettingType::INTEGER, "5000", "400..600000",
         "Milliseconds without a heartbeat after which an instance counts as gone and its calls are answered with an "
         "error."},
        {"cluster.timeoutMs", SettingType::INTEGER, "1000", "50..60000",
         "Milliseconds that Redis may take to answer before it counts as away."},
        {"cluster.required", SettingType::BOOLEAN, "false", "",
         "Say 503 at /ready while Redis is away, instead of 200 and \"degraded\"."},
    };
}

Settings Settings::read(const base::Settings& settings)
{
    Settings read;
    read.file = fileOf(settings);
    read.redis = settings.text("cluster.redis");
    read.instance = settings.text("cluster.instance");
    read.prefix = settings.text("cluster.prefix");
    read.authorities = settings.text("cluster.authorities");
    read.certificate = settings.text("cluster.certificate");
    read.key = settings.text("cluster.key");
    read.leaseMs = settings.integer("cluster.leaseMs");
    read.patienceMs = settings.integer("cluster.timeoutMs");
    read.required = settings.boolean("cluster.required");
    read.streamEvents = static_cast<std::size_t>(settings.integer("limits.streamEvents"));
    read.sealedMs = settings.integer("mcp.requestStateMs");
    if (!read.file.empty() && !read.redis.empty())
        settings.refuse("store", "must be memory where cluster.redis is set: Redis keeps it for all");
    try
    {
        (void)InstanceId::make(read.instance);
#if defined(TENON_STORE_REDIS)
        if (!read.redis.empty())
            (void)addressOf(read);
#else
        if (!read.redis.empty())
            throw Poco::InvalidArgumentException(
                "'cluster.redis' cannot be used: this server was built without hiredis");
#endif
    }
    catch (const Poco::InvalidArgumentException& exc)
    {
        throw base::SettingsException(exc.message());
    }
    return read;
}

} // namespace tenon::store

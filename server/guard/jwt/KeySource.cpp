#include "guard/jwt/KeySource.h"

#include "base/json/JsonDocument.h"
#include "base/threads/ThreadRoot.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/URI.h>

#include <array>
#include <chrono>

namespace tenon::guard
{

namespace
{

/// Between two looks that tokens with unknown keys ask for: a sender of such tokens must not command our requests.
constexpr std::int64_t MIN_INTERVAL_MS = 10'000;
constexpr std::int64_t RETRY_MS = 10'000;
constexpr std::int64_t LONGEST_USE_MS = 24 * 3'600'000LL;

Poco::Logger& logger()
{
    return Poco::Logger::get("tenon.guard");
}

/// Where an issuer may publish its metadata, in the order of the specification.
std::array<std::string, 3> metadataUrls(const std::string& issuer)
{
    const Poco::URI uri(issuer);
    const std::string origin = uri.getScheme() + "://" + uri.getAuthority();
    std::string path = uri.getPath();
    while (path.ends_with('/'))
        path.pop_back();
    return {origin + "/.well-known/oauth-authorization-server" + path,
            origin + "/.well-known/openid-configuration" + path,
            path.empty() ? std::string() : origin + path + "/.well-known/openid-configuration"};
}

} // namespace

RemoteKeys::RemoteKeys(Options options, std::shared_ptr<Fetcher> fetcher, const Clock& clock)
    : KeySource(options.issuer), _options(std::move(options)), _fetcher(std::move(fetcher)), _clock(clock)
{
    _thread = std::thread([this] { base::steadyThreadRoot("the fetching of keys", [this] { run(); }); });
}

RemoteKeys::~RemoteKeys()
{
    end();
}

void RemoteKeys::end()
{
    stop();
    if (_thread.joinable())
        _thread.join();
}

bool RemoteKeys::stopping() const
{
    const std::lock_guard lock(_mutex);
    return _stopping;
}

void RemoteKeys::stop()
{
    const std::lock_guard lock(_mutex);
    _stopping = true;
    _wake.notify_all();
}

bool RemoteKeys::stopsBy(std::chrono::steady_clock::time_point until)
{
    stop();
    std::unique_lock lock(_mutex);
    return _wake.wait_until(lock, until, [this] { return _ended; });
}

bool RemoteKeys::stopped() const
{
    const std::lock_guard lock(_mutex);
    return _ended;
}

KeySetPtr RemoteKeys::keys() const
{
    const std::lock_guard lock(_mutex);
    return _keys && _clock.steadyMs() - _goodAtMs <= LONGEST_USE_MS ? _keys : nullptr;
}

bool RemoteKeys::refresh()
{
    const std::lock_guard lock(_mutex);
    if (_fetching)
        return true;
    if (_stopping || (!_wanted && _clock.steadyMs() - _triedAtMs < MIN_INTERVAL_MS))
        return false;
    _wanted = true;
    _wake.notify_all();
    return true;
}

void RemoteKeys::run()
{
    const std::string& from = _options.issuer.empty() ? _options.jwksUrl : _options.issuer;
    while (true)
    {
        {
            const std::lock_guard lock(_mutex);
            _wanted = false;
            _fetching = true;
            _triedAtMs = _clock.steadyMs();
        }
        bool good = false;
        try
        {
            look(true);
            good = true;
        }
        catch (const Poco::Exception& exc)
        {
            logger().warning("cannot fetch the keys of " + from + ": " + exc.displayText());
        }
        catch (const std::exception& exc)
        {
            logger().warning("cannot fetch the keys of " + from + ": " + exc.what());
        }
        std::unique_lock lock(_mutex);
        _fetching = false;
        const std::chrono::milliseconds pause(good ? _options.refreshMs : RETRY_MS);
        _wake.wait_for(lock, pause, [this] { return _stopping || _wanted; });
        if (_stopping)
        {
            _ended = true;
            _wake.notify_all();
            return;
        }
    }
}

void RemoteKeys::fetch()
{
    look(false);
}

void RemoteKeys::look(bool unlessStopped)
{
    auto fresh = std::make_shared<KeySet>();
    fresh->addJwks(_fetcher->get(_options.jwksUrl.empty() ? findJwksUrl(unlessStopped) : _options.jwksUrl));
    fresh->restrictTo(_options.algorithms);
    if (fresh->empty())
        throw Poco::DataFormatException("the key set contains no usable key");

    const std::lock_guard lock(_mutex);
    _keys = std::move(fresh);
    _goodAtMs = _clock.steadyMs();
}

std::string RemoteKeys::findJwksUrl(bool unlessStopped) const
{
    std::string faults;
    for (const std::string& url : metadataUrls(_options.issuer))
    {
        if (url.empty() || (unlessStopped && stopping()))
            continue;
        try
        {
            const base::JsonDocumentPtr document = base::JsonDocument::parse(_fetcher->get(url));
            // Metadata that names another issuer was put there by somebody else.
            if (base::textMember(document->root(), "issuer") != _options.issuer)
                throw Poco::DataFormatException(url + " is the metadata of another issuer");
            const std::string_view keys = base::textMember(document->root(), "jwks_uri");
            if (keys.empty())
                throw Poco::DataFormatException(url + " names no jwks_uri");
            return std::string(keys);
        }
        catch (const Poco::Exception& exc)
        {
            faults += (faults.empty() ? "" : "; ") + exc.message();
        }
    }
    throw Poco::NotFoundException(faults);
}

} // namespace tenon::guard

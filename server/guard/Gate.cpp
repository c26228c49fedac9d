#include "guard/Gate.h"

#include "base/Ascii.h"
#include "base/LogEscape.h"
#include "guard/Policy.h"
#include "guard/login/Refusal.h"
#include "guard/login/Rules.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace tenon::guard
{

namespace
{

Origins originsOf(const base::Settings& settings, const Bind& bind)
{
    return Origins({bind.address, settings.list("http.allowedHosts"), settings.list("http.allowedOrigins"),
                    settings.text("http.publicUrl"), settings.boolean("http.corsCredentials")});
}

Cors corsOf(const base::Settings& settings, const std::string& apiKeyHeader)
{
    return Cors({settings.boolean("http.cors"), settings.boolean("http.corsCredentials"),
                 settings.integer("http.corsMaxAgeMs") / 1000, apiKeyHeader});
}

/// For routes that are open to all: allowed nothing, should a handler ask after all.
const base::PrincipalPtr& visitor()
{
    static const base::PrincipalPtr principal = []
    {
        auto made = std::make_shared<base::Principal>();
        made->id = made->name = made->type = "anonymous";
        made->permissions = std::make_shared<Rules>(Rules::Options{{}, {}, {}, true, false, false});
        return made;
    }();
    return principal;
}

/// No two policies of a process share a number, whichever gate they belong to.
std::uint64_t nextGeneration()
{
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1);
}

void addRate(HeaderPairs& headers, const Buckets::State& state)
{
    headers.emplace_back("RateLimit-Limit", std::to_string(state.limit));
    headers.emplace_back("RateLimit-Remaining", std::to_string(state.remaining));
    headers.emplace_back("RateLimit-Reset", std::to_string((state.resetMs + 999) / 1000));
}

} // namespace

Policy::Policy(const base::Settings& settings, const Bind& bind, const Clock& clock, Buckets& logins,
               KeyFetching& fetching)
    : origins(originsOf(settings, bind)),
      proxies(settings.list("http.trustedProxies"), settings.text("http.forwardedHeader") == "forwarded"),
      types(settings), authentication(settings, bind, types, clock, logins, fetching),
      cors(corsOf(settings, authentication.apiKeyHeader())),
      anonymousPerMinute(settings.isSet("limits.rate") ? static_cast<std::uint32_t>(settings.integer("limits.rate"))
                                                       : 0)
{
}

struct Gate::Impl
{
    Impl(Bind where, const Clock& time) : bind(std::move(where)), clock(time) {}

    const Bind bind;
    const Clock& clock;

    // Synchronised by themselves.
    Buckets logins, rates;
    std::atomic<std::uint64_t> generation{0};

    std::mutex mutex; // guards all below
    KeyFetching fetching;
    std::shared_ptr<Policy> latest;

    /// The policy of the moment. A thread keeps the one it saw last, so that the common case takes no lock.
    /// Ownership: lives at least until the next call on this thread.
    Policy& policy()
    {
        thread_local std::uint64_t seen = 0;
        thread_local std::shared_ptr<Policy> kept;
        const std::uint64_t now = generation.load(std::memory_order_acquire);
        if (seen != now)
        {
            const std::lock_guard lock(mutex);
            kept = latest;
            seen = generation.load(std::memory_order_relaxed);
        }
        return *kept;
    }

    void replace(const base::Settings& settings)
    {
        const std::lock_guard lock(mutex);
        KeyFetching next = fetching;
        latest = std::make_shared<Policy>(settings, bind, clock, logins, next);
        generation.store(nextGeneration(), std::memory_order_release);
        if (fetching.keys && fetching.keys != next.keys)
            fetching.keys->stop();
        fetching = std::move(next);
    }

    void refuse(Admission& admission, Reply reply) const
    {
        for (HeaderPair& header : admission.headers)
            reply.headers.push_back(std::move(header));
        admission.headers.clear();
        admission.principal = nullptr;
        admission.refusal = std::make_unique<Reply>(std::move(reply));
    }

    bool checkOrigins(const Policy& policy, const RequestFacts& facts, Admission& admission) const;
    bool checkLimits(const Policy& policy, Admission& admission);
};

Gate::Gate(const base::Settings& settings, const Bind& bind, const Clock& clock)
    : _impl(std::make_unique<Impl>(bind, clock))
{
    _impl->replace(settings);
}

Gate::~Gate()
{
    // Threads may keep the policy longer than the gate lives, and with it the keys.
    if (_impl->fetching.keys)
        _impl->fetching.keys->stop();
}

void Gate::reload(const base::Settings& settings)
{
    _impl->replace(settings);
}

/// Host and Origin; fills in what proxies say, and the headers of CORS.
bool Gate::Impl::checkOrigins(const Policy& policy, const RequestFacts& facts, Admission& admission) const
{
    admission.clientAddress = facts.peerAddress;
    admission.secure = facts.tls;
    std::string_view forwardedHost;
    if (policy.proxies.trust(facts.peerAddress))
    {
        const Forwarding forwarding = policy.proxies.read(facts);
        admission.clientAddress = forwarding.clientAddress;
        admission.secure = forwarding.secure;
        forwardedHost = forwarding.host;
    }

    // Both names count: a page that reaches us directly from this machine could send any forwarding header it likes.
    std::string_view host;
    (void)facts.headers->header("Host", host);
    const bool known = policy.origins.hostAllowed(host);
    if (!known || (!forwardedHost.empty() && !policy.origins.hostAllowed(forwardedHost)))
    {
        const std::string name = base::forLog(known ? forwardedHost : host);
        refuse(admission, refusal(403, "host_not_allowed",
                                  "The host name '" + name +
                                      "' is not one this server answers to; to allow it, add it to "
                                      "http.allowedHosts or set http.publicUrl"));
        return false;
    }

    std::string_view origin;
    if (!facts.headers->header("Origin", origin) || origin.empty())
        return true;
    const Origins::Verdict verdict =
        base::isPrintable(origin) ? policy.origins.origin(origin) : Origins::Verdict::FOREIGN;
    if (verdict == Origins::Verdict::FOREIGN)
    {
        refuse(admission, refusal(403, "origin_not_allowed",
                                  "Web pages of the origin '" + base::forLog(origin) +
                                      "' may not use this server; to allow them, add it to http.allowedOrigins"));
        return false;
    }
    policy.cors.addTo(admission.headers, origin, verdict);
    return true;
}

/// Takes a token of the principal's bucket, or for anonymous ones of the address's, and says what else is limited.
bool Gate::Impl::checkLimits(const Policy& policy, Admission& admission)
{
    const bool anonymous = admission.principal->anonymous();
    if (const PrincipalType* type = policy.types.find(admission.principal->type))
        admission.limits = type->limits;
    if (admission.limits.any())
        admission.holder = anonymous ? rateKey(admission.clientAddress) : admission.principal->id;
    std::uint32_t perMinute = admission.limits.requestsPerMinute;
    if (anonymous && perMinute == 0)
        perMinute = policy.anonymousPerMinute;
    if (perMinute == 0)
        return true;
    const std::string key = anonymous ? rateKey(admission.clientAddress) : admission.principal->id;
    const Buckets::State state = rates.take(key, perMinute, clock.steadyMs());
    addRate(admission.headers, state);
    if (!state.allowed)
        refuse(admission, retryLater(429, "rate_limited", "Too many requests; slow down", state.retryAfterMs));
    return state.allowed;
}

Admission Gate::admit(const RequestFacts& facts)
{
    Policy& policy = _impl->policy();
    Admission admission;
    // Origin first: a rejected page must not consume a login attempt.
    if (!_impl->checkOrigins(policy, facts, admission))
        return admission;
    if (facts.area == Area::OPEN)
    {
        admission.principal = visitor();
        return admission;
    }
    Authentication::Result result = policy.authentication.authenticate(facts, admission.clientAddress);
    if (result.refusal)
    {
        _impl->refuse(admission, std::move(*result.refusal));
        return admission;
    }
    admission.principal = std::move(result.principal);
    (void)_impl->checkLimits(policy, admission);
    return admission;
}

Reply Gate::preflight(const RequestFacts& facts, std::string_view methods)
{
    const Policy& policy = _impl->policy();
    Admission admission;
    if (!_impl->checkOrigins(policy, facts, admission))
        return std::move(*admission.refusal);
    Reply reply;
    reply.status = 204;
    reply.headers = std::move(admission.headers);
    reply.headers.emplace_back("Allow", methods);
    std::string_view origin, method;
    if (facts.headers->header("Origin", origin) && facts.headers->header("Access-Control-Request-Method", method))
        policy.cors.addPreflight(reply.headers, *facts.headers, methods);
    return reply;
}

Reply Gate::forbid(std::string_view path, base::Access access, std::string_view message, std::string_view name,
                   bool readOnly) const
{
    return _impl->policy().authentication.forbidden(path, access, message, name, readOnly);
}

std::string Gate::resourceMetadata(std::string_view path) const
{
    const ProtectedResource* resource = _impl->policy().authentication.resource();
    return resource ? resource->metadata(path) : std::string();
}

void checkBind(const base::Settings& settings, const Bind& bind)
{
    const std::vector<std::string> types = authenticationTypes(settings);
    const bool open = std::find(types.begin(), types.end(), "none") != types.end();
    if (!open || isLoopbackAddress(bind.address) || settings.boolean("auth.allowAnonymous"))
        return;
    throw Poco::InvalidArgumentException(
        "Refusing to listen on " + (bind.address.empty() ? "all addresses" : bind.address) +
        ": others can reach it, and auth.type=none lets everybody in. Set auth.type (bearer is the simplest), or "
        "listen on 127.0.0.1 behind a proxy, or, if everybody may indeed use this server, set "
        "auth.allowAnonymous=true");
}

void checkSettings(const base::Settings& settings, const Bind& bind)
{
    class Nowhere final : public Fetcher
    {
        std::string get(const std::string& url) override { throw Poco::IOException("not asked for: " + url); }
    };
    checkBind(settings, bind);
    Buckets logins;
    KeyFetching fetching{std::make_shared<Nowhere>(), nullptr};
    const Policy policy(settings, bind, Clock::system(), logins, fetching);
}

} // namespace tenon::guard

#include "guard/Gate.h"

#include "base/text/Ascii.h"
#include "base/text/LogEscape.h"
#include "guard/Policy.h"
#include "guard/limits/SharedRates.h"
#include "guard/login/Rules.h"
#include "guard/login/StaticTokens.h"
#include "guard/login/Types.h"
#include "guard/web/Refusal.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace tenon::guard
{

namespace
{

/// Longer host names are compared each time: nobody fills the memory of threads.
constexpr std::size_t MAX_REMEMBERED = 255;

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
    headers.reserve(headers.size() + 3);
    headers.emplace_back("RateLimit-Limit", std::to_string(state.limit));
    headers.emplace_back("RateLimit-Remaining", std::to_string(state.remaining));
    headers.emplace_back("RateLimit-Reset", std::to_string((state.resetMs + 999) / 1000));
}

} // namespace

/// What a thread keeps of the policy it saw last, so that the common admission takes no lock and parses nothing twice.
struct Seen
{
    std::uint64_t generation = 0;
    std::shared_ptr<Policy> policy;
    std::string host;                ///< was allowed; empty: none yet
    std::string address, addressKey; ///< the latest client's
};

struct Gate::Impl
{
    Impl(Bind where, const Clock& time, store::SharedLimits* limits)
        : bind(std::move(where)), clock(time), logins(limits),
          sharedRates(limits ? std::make_unique<SharedRates>(*limits) : nullptr)
    {
    }

    const Bind bind;
    const Clock& clock;

    // Synchronised by themselves.
    Logins logins;
    Buckets rates;
    const std::unique_ptr<SharedRates> sharedRates; ///< in place of `rates`, where other instances count too
    std::atomic<std::uint64_t> generation{0};

    std::mutex reloading; // guards both below; held while files are read
    KeyFetching fetching;
    std::vector<std::shared_ptr<RemoteKeys>> retired; ///< asked to stop; kept until they have

    std::mutex mutex; // guards `latest`; held for no longer than a copy takes
    std::shared_ptr<Policy> latest;

    /// The policy of the moment, and what this thread knows of it.
    /// Ownership: lives at least until the next call on this thread.
    Seen& seen()
    {
        thread_local Seen kept;
        if (kept.generation != generation.load(std::memory_order_acquire))
        {
            const std::lock_guard lock(mutex);
            kept.policy = latest;
            kept.generation = generation.load(std::memory_order_relaxed);
            kept.host.clear();
        }
        return kept;
    }
    Policy& policy() { return *seen().policy; }

    void replace(const base::Settings& settings)
    {
        const std::lock_guard alone(reloading);
        KeyFetching next = fetching;
        auto fresh = std::make_shared<Policy>(settings, bind, clock, logins, next);
        {
            const std::lock_guard lock(mutex);
            latest = std::move(fresh);
            generation.store(nextGeneration(), std::memory_order_release);
        }
        for (const auto& keys : fetching.keys)
            if (std::find(next.keys.begin(), next.keys.end(), keys) == next.keys.end())
            {
                keys->stop();
                retired.push_back(keys);
            }
        fetching = std::move(next);
        std::erase_if(retired, [](const auto& keys) { return keys->stopped(); });
    }

    /// Those that are fetched, and those that are not any more. All are told before one is waited for.
    template <typename Work>
    void eachKeys(Work work)
    {
        for (const auto* list : {&fetching.keys, &retired})
            for (const auto& keys : *list)
                work(*keys);
    }

    static bool stands(const Seen& seen, const RequestFacts& facts, const Admission& admission);
    static void refuse(Admission& admission, Reply reply)
    {
        for (HeaderPair& header : admission.headers)
            reply.headers.push_back(std::move(header));
        admission.headers.clear();
        admission.principal = nullptr;
        admission.refusal = std::make_unique<Reply>(std::move(reply));
    }

    static bool checkOrigins(Seen& seen, const RequestFacts& facts, Admission& admission);
    bool checkLimits(Seen& seen, Admission& admission);
};

Gate::Gate(const base::Settings& settings, const Bind& bind, const Clock& clock, store::SharedLimits* limits)
    : _impl(std::make_unique<Impl>(bind, clock, limits))
{
    _impl->replace(settings);
}

bool Gate::stop()
{
    constexpr std::chrono::milliseconds PATIENCE{200}; // for threads that wait for nothing
    const std::lock_guard lock(_impl->reloading);
    const auto until = std::chrono::steady_clock::now() + PATIENCE;
    bool stopped = true;
    _impl->eachKeys([](RemoteKeys& keys) { keys.stop(); });
    _impl->eachKeys([&](RemoteKeys& keys) { stopped = keys.stopsBy(until) && stopped; });
    return stopped;
}

Gate::~Gate()
{
    // Threads may keep the policy longer than the gate lives, and with it the keys.
    _impl->eachKeys([](RemoteKeys& keys) { keys.stop(); });
    _impl->eachKeys([](RemoteKeys& keys) { keys.end(); });
}

void Gate::reload(const base::Settings& settings)
{
    checkBind(settings, _impl->bind);
    // A file that is empty or half written must not let everybody in.
    if (!_impl->policy().authentication.everybody() && !settings.isSet("auth.type"))
        settings.refuse("auth.type", "is not set any more, and nobody would be asked for credentials; if everybody may "
                                     "indeed use this server, set auth.type = none");
    _impl->replace(settings);
}

/// Host and Origin; fills in what proxies say, and the headers of CORS.
bool Gate::Impl::checkOrigins(Seen& seen, const RequestFacts& facts, Admission& admission)
{
    const Policy& policy = *seen.policy;
    admission.clientAddress = facts.peerAddress;
    admission.secure = facts.tls;
    std::string_view forwardedHost;
    if (policy.proxies.any() && policy.proxies.trust(facts.peerAddress))
    {
        const Forwarding forwarding = policy.proxies.read(facts);
        admission.clientAddress = forwarding.clientAddress;
        admission.secure = forwarding.secure;
        forwardedHost = forwarding.host;
    }

    // Both names count: a page that reaches us directly from this machine could send any forwarding header it likes.
    const std::string_view host = facts.headers->header(base::Field::HOST);
    const bool again = !host.empty() && host == seen.host;
    const bool known = again || policy.origins.hostAllowed(host);
    if (known && !again && host.size() <= MAX_REMEMBERED)
        seen.host = host;
    if (!known || (!forwardedHost.empty() && !policy.origins.hostAllowed(forwardedHost)))
    {
        const std::string name = base::forLog(known ? forwardedHost : host);
        refuse(admission, refusal(403, "host_not_allowed",
                                  "The host name '" + name +
                                      "' is not one this server answers to; to allow it, add it to "
                                      "http.allowedHosts or set http.publicUrl"));
        return false;
    }

    const std::string_view origin = facts.headers->header(base::Field::ORIGIN);
    if (origin.empty())
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
bool Gate::Impl::checkLimits(Seen& seen, Admission& admission)
{
    const bool anonymous = admission.principal->anonymous();
    if (anonymous && (seen.address != admission.clientAddress || seen.addressKey.empty()))
    {
        seen.address = admission.clientAddress;
        seen.addressKey = rateKey(admission.clientAddress);
    }
    admission.limits = admission.principal->limits;
    admission.holder = anonymous ? seen.addressKey : admission.principal->id;
    std::uint32_t perMinute = admission.limits.requestsPerMinute;
    if (anonymous && perMinute == 0)
        perMinute = seen.policy->anonymousPerMinute;
    if (perMinute == 0)
        return true;
    const std::int64_t now = clock.steadyMs();
    const Buckets::State state = sharedRates ? sharedRates->take(admission.holder, perMinute, now)
                                             : rates.take(admission.holder, perMinute, now);
    addRate(admission.headers, state);
    if (!state.allowed)
        refuse(admission, retryLater(429, "rate_limited", "Too many requests; slow down", state.retryAfterMs));
    return state.allowed;
}

Admission Gate::admit(const RequestFacts& facts)
{
    Admission admission;
    renew(facts, admission);
    return admission;
}

void Gate::renew(const RequestFacts& facts, Admission& admission)
{
    Seen& seen = _impl->seen();
    if (admission.standing != 0)
    {
        const std::string_view host = facts.headers->header(base::Field::HOST);
        if (admission.standing == seen.generation && admission.peer == facts.peerAddress && host == seen.host &&
            !facts.headers->has(base::Field::ORIGIN) && facts.area != Area::OPEN)
        {
            admission.clientAddress = facts.peerAddress;
            admission.secure = facts.tls;
            return;
        }
    }
    admission = {};
    Authentication& authentication = seen.policy->authentication;
    // Origin first: a rejected page must not consume a login attempt.
    if (!_impl->checkOrigins(seen, facts, admission))
        return;
    if (facts.area == Area::OPEN)
    {
        admission.principal = visitor();
        return;
    }
    if (const base::PrincipalPtr& everybody = authentication.everybody())
        admission.principal = everybody;
    else
    {
        Authentication::Result result = authentication.authenticate(facts, admission.clientAddress);
        if (result.refusal)
            return _impl->refuse(admission, std::move(*result.refusal));
        admission.principal = std::move(result.principal);
    }
    if (_impl->checkLimits(seen, admission) && _impl->stands(seen, facts, admission))
    {
        admission.standing = seen.generation;
        admission.peer = facts.peerAddress;
    }
}

/// Whether nothing in it is of this request but who sent it.
bool Gate::Impl::stands(const Seen& seen, const RequestFacts& facts, const Admission& admission)
{
    const Policy& policy = *seen.policy;
    return policy.authentication.everybody() && !(policy.proxies.any() && policy.proxies.trust(facts.peerAddress)) &&
           !facts.headers->has(base::Field::ORIGIN) && admission.headers.empty() && !seen.host.empty();
}

Admission Gate::again(const base::PrincipalPtr& principal, std::string_view clientAddress)
{
    Admission admission;
    admission.principal = principal;
    admission.clientAddress = clientAddress;
    if (_impl->checkLimits(_impl->seen(), admission))
        admission.headers.clear();
    return admission;
}

Reply Gate::preflight(const RequestFacts& facts, std::string_view methods)
{
    Seen& seen = _impl->seen();
    Admission admission;
    if (!_impl->checkOrigins(seen, facts, admission))
        return std::move(*admission.refusal);
    Reply reply;
    reply.status = 204;
    reply.headers = std::move(admission.headers);
    reply.headers.emplace_back("Allow", methods);
    std::string_view origin, method;
    if (facts.headers->header(base::Field::ORIGIN, origin) &&
        facts.headers->header("Access-Control-Request-Method", method))
        seen.policy->cors.addPreflight(reply.headers, *facts.headers, methods);
    return reply;
}

Reply Gate::forbid(std::string_view path, base::Access access, std::string_view message, std::string_view name,
                   bool readOnly) const
{
    return _impl->policy().authentication.forbidden(path, access, message, name, readOnly);
}

bool Gate::demandsCredentials() const
{
    return _impl->policy().authentication.demandsCredentials();
}

std::vector<std::string> Gate::typeNames() const
{
    return _impl->policy().types.names();
}

base::PrincipalPtr Gate::principalOfType(std::string_view type) const
{
    const PrincipalType* found = _impl->policy().types.find(type);
    if (!found)
        return nullptr;
    const std::string name(type);
    return Types::make(*found, {"type:" + name, name, name, {}, nullptr});
}

base::HolderLimits Gate::limitsOfType(std::string_view type) const
{
    const PrincipalType* found = _impl->policy().types.find(type);
    return found ? found->limits : base::HolderLimits();
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
    settings.refuse(
        "http.host",
        "is an address that others can reach, and auth.type = none lets everybody in. Set auth.type (bearer "
        "is the simplest), or listen on 127.0.0.1 behind a proxy, or, if everybody may indeed use this "
        "server, set auth.allowAnonymous=true");
}

std::vector<std::string> loginsWithoutUse(const base::Settings& settings)
{
    std::vector<std::string> lines = typesWithoutUse(settings);
    for (const std::string& type : authenticationTypes(settings))
        if (type == "bearer" || type == "apikey")
        {
            for (std::string& line : expiredTokens(settings, Clock::system()))
                lines.push_back(std::move(line));
            break;
        }
    return lines;
}

void checkSettings(const base::Settings& settings, const Bind& bind)
{
    class Nowhere final : public Fetcher
    {
        std::string get(const std::string& url) override { throw Poco::IOException("not asked for: " + url); }
    };
    checkBind(settings, bind);
    Logins logins;
    KeyFetching fetching{std::make_shared<Nowhere>(), {}};
    const Policy policy(settings, bind, Clock::system(), logins, fetching);
}

} // namespace tenon::guard

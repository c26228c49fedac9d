#include "plugin/upstream/Upstreams.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <set>
#include <utility>
#include <vector>

namespace tenon::plugin
{

namespace
{

constexpr std::chrono::milliseconds LOOK{50};
constexpr std::size_t CONNECTING_AT_ONCE = 16; // programs that start beside one another slow each other down

/// Servers that are being connected.
struct Connecting
{
    std::mutex mutex;
    std::condition_variable less;
    std::deque<std::shared_ptr<UpstreamInstance>> waiting; ///< for their turn
    std::size_t count = 0;                                 ///< that are not done, those included
};

/// Connects the next one, and with that done the one after it.
void connectNext(const std::shared_ptr<Connecting>& connecting)
{
    std::shared_ptr<UpstreamInstance> next;
    {
        const std::lock_guard lock(connecting->mutex);
        if (connecting->waiting.empty())
            return;
        next = std::move(connecting->waiting.front());
        connecting->waiting.pop_front();
    }
    next->connect(
        [connecting]
        {
            {
                const std::lock_guard lock(connecting->mutex);
                --connecting->count;
            }
            connecting->less.notify_all();
            connectNext(connecting);
        });
}

} // namespace

Upstreams::Upstreams(LentPlugins& lent, std::shared_ptr<PluginThreads> threads, std::size_t defaultMaxConcurrent)
    : _lent(lent), _threads(std::move(threads)), _defaultMaxConcurrent(defaultMaxConcurrent)
{
}

Upstreams::~Upstreams()
{
    stop();
}

void Upstreams::stop()
{
    base::Timers::Id looking = 0;
    {
        const std::lock_guard lock(_mutex);
        _stopped = true;
        looking = std::exchange(_looking, 0);
    }
    if (looking != 0)
        _threads->timers().cancel(looking);
    const std::lock_guard applying(_applying); // nothing is listed after the return
    const std::lock_guard lock(_mutex);
    _known.clear();
}

void Upstreams::check(const base::Settings& settings, std::size_t defaultMaxConcurrent)
{
    for (const auto& name : settings.namesUnder("upstream."))
        (void)UpstreamConfig::read(settings, name, defaultMaxConcurrent);
}

void Upstreams::look()
{
    std::vector<std::shared_ptr<UpstreamInstance>> all;
    {
        const std::lock_guard lock(_mutex);
        for (const auto& [name, known] : _known)
            all.push_back(known.instance);
    }
    const auto now = UpstreamInstance::Clock::now();
    for (const auto& instance : all)
        instance->look(now);
}

std::shared_ptr<UpstreamInstance> Upstreams::make(UpstreamConfig config)
{
    const auto limit = std::make_shared<PluginLimit>(config.offer.maxConcurrent);
    return _threads->adopt(std::make_unique<UpstreamInstance>(std::move(config), _threads, limit));
}

void Upstreams::apply(const base::Settings& settings)
{
    const std::lock_guard applying(_applying);
    {
        const std::lock_guard lock(_mutex);
        if (_stopped)
            return;
    }
    std::map<std::string, UpstreamConfig> wanted;
    for (const auto& name : settings.namesUnder("upstream."))
        if (auto config = UpstreamConfig::read(settings, name, _defaultMaxConcurrent); config.offer.enabled)
            wanted.emplace(name, std::move(config));

    std::vector<std::shared_ptr<UpstreamInstance>> fresh;
    std::vector<Known> gone;
    {
        const std::lock_guard lock(_mutex);
        for (auto known = _known.begin(); known != _known.end();)
        {
            const auto config = wanted.find(known->first);
            if (config != wanted.end() &&
                known->second.fingerprint == UpstreamConfig::fingerprint(settings, known->first))
            {
                wanted.erase(config);
                ++known;
                continue;
            }
            gone.push_back(std::move(known->second));
            known = _known.erase(known);
        }
    }
    for (auto& [name, config] : wanted)
    {
        Known known{UpstreamConfig::fingerprint(settings, name), make(std::move(config))};
        fresh.push_back(known.instance);
        const std::lock_guard lock(_mutex);
        _known.emplace(name, std::move(known));
        if (_looking == 0)
            _looking = _threads->timers().every(LOOK, [this] { look(); });
    }
    // Before they are listed: what is new comes with its tools, and what is replaced is never missing.
    connectAll(fresh, std::chrono::milliseconds(settings.integer("plugins.loadTimeoutMs")));
    for (const auto& known : gone)
        if (std::none_of(fresh.begin(), fresh.end(),
                         [&](const auto& instance) { return instance->name() == known.instance->name(); }))
            _lent.dismiss(known.instance->name());
    std::vector<LentPlugins::Upstream> ready;
    for (const auto& instance : fresh)
        ready.push_back({instance, instance->config().offer, instance->limit()});
    _lent.admitUpstreams(ready);
}

/// Many beside one another.
void Upstreams::connectAll(const std::vector<std::shared_ptr<UpstreamInstance>>& fresh,
                           std::chrono::milliseconds patience)
{
    const auto connecting = std::make_shared<Connecting>();
    connecting->count = fresh.size();
    connecting->waiting.assign(fresh.begin(), fresh.end());
    for (std::size_t i = 0; i < CONNECTING_AT_ONCE; ++i)
        connectNext(connecting);
    std::unique_lock lock(connecting->mutex);
    connecting->less.wait_for(lock, patience, [&] { return connecting->count == 0; });
}

} // namespace tenon::plugin

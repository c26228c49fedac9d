#include "store/SharedQuotas.h"

#include "base/limits/QuotaShare.h"
#include "base/threads/SteadyClock.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

namespace tenon::store
{

namespace
{

constexpr std::size_t TENTH = 10;
constexpr std::int64_t ASK_AGAIN_MS = 50; // after fewer places than were asked for
constexpr std::int64_t COUNT_MS = 2'000;
constexpr std::int64_t RENEW_MS = SharedLimits::RESERVED_MS / 4;

} // namespace

/// One quota's part at this instance.
class SharedQuotas::Shared final : public base::QuotaShare
{
public:
    Shared(SharedLimits& limits, std::string kind, const base::Quota& quota)
        : _limits(limits), _kind(std::move(kind)), _counts(quota.counts()), _table(std::make_shared<Table>())
    {
    }

    [[nodiscard]] std::size_t atOnce(std::size_t most) const override { return most / (TENTH * instances()); }

    [[nodiscard]] std::size_t here(std::string_view key, std::size_t most, std::size_t held) override
    {
        const std::size_t own = atOnce(most), part = std::max<std::size_t>(1, most / instances());
        if (_limits.away())
            return part;
        const std::size_t beyond = held > own ? held - own : 0;
        const std::size_t block = std::max<std::size_t>(1, own);
        const std::int64_t now = base::steadyMs();
        std::size_t wanted = 0, may = 0;
        {
            const std::lock_guard lock(_table->mutex);
            auto known = _table->keys.find(key);
            if (known == _table->keys.end())
                known = _table->keys.emplace(key, Place{}).first;
            Place& place = known->second;
            place.most = most;
            place.usedAt = now;
            may = place.heard ? own + place.places : std::max(own, part);
            if (!place.asking && now >= place.askFrom && (!place.heard || place.places <= beyond + block / 2 + 1))
            {
                place.asking = true;
                wanted = beyond + 1 + block;
            }
        }
        if (wanted > 0)
            ask(std::string(key), most, beyond, wanted, now);
        return may;
    }

    void tick(std::int64_t now)
    {
        if (now - _countedAt >= COUNT_MS) // before anybody is met for the first time
        {
            _countedAt = now;
            _limits.reserve(_kind, 0, 0, 0,
                            [table = _table](const SharedLimits::Reserved* reserved)
                            {
                                if (reserved)
                                    table->instances.store(reserved->instances, std::memory_order_relaxed);
                            });
        }
        std::vector<std::pair<std::string, Place>> stale;
        {
            const std::lock_guard lock(_table->mutex);
            for (auto at = _table->keys.begin(); at != _table->keys.end();)
            {
                Place& place = at->second;
                const std::size_t own = atOnce(place.most), held = _counts(at->first);
                const std::size_t beyond = held > own ? held - own : 0;
                const bool idle = now - place.usedAt > ASK_AGAIN_MS * 4;
                if (!place.asking && idle && beyond == 0 && place.places == 0)
                {
                    at = _table->keys.erase(at);
                    continue;
                }
                if (!place.asking && ((idle && place.places != beyond) || now - place.renewedAt > RENEW_MS))
                {
                    place.asking = true;
                    stale.emplace_back(at->first, place);
                    stale.back().second.places = beyond;
                }
                ++at;
            }
        }
        for (const auto& [key, place] : stale)
            ask(key, place.most, place.places, place.places, now);
    }

private:
    struct Place
    {
        std::size_t most = 0;
        std::size_t places = 0; ///< beyond what needs no question
        bool heard = false;
        bool asking = false;
        std::int64_t usedAt = 0, renewedAt = 0;
        std::int64_t askFrom = 0;
    };

    /// Outlives the quota as long as answers are to come.
    struct Table
    {
        std::atomic<std::uint32_t> instances{1};
        std::mutex mutex; // guards what follows
        std::map<std::string, Place, std::less<>> keys;
    };

    [[nodiscard]] std::size_t instances() const { return _table->instances.load(std::memory_order_relaxed); }

    void ask(const std::string& key, std::size_t most, std::size_t held, std::size_t wanted, std::int64_t now)
    {
        const std::size_t own = atOnce(most) * instances();
        _limits.reserve(_kind + '/' + key, most > own ? most - own : 0, held, wanted,
                        [table = _table, key, wanted, now](const SharedLimits::Reserved* reserved)
                        {
                            if (reserved)
                                table->instances.store(reserved->instances, std::memory_order_relaxed);
                            const std::lock_guard lock(table->mutex);
                            const auto found = table->keys.find(key);
                            if (found == table->keys.end())
                                return;
                            Place& place = found->second;
                            place.asking = false;
                            place.heard = reserved != nullptr;
                            place.renewedAt = now;
                            place.places = reserved ? static_cast<std::size_t>(reserved->places) : 0;
                            place.askFrom = reserved && reserved->places >= wanted ? now : now + ASK_AGAIN_MS;
                        });
    }

    SharedLimits& _limits;
    const std::string _kind;
    const base::Quota::Counts _counts;
    const std::shared_ptr<Table> _table;
    std::int64_t _countedAt = -COUNT_MS; ///< the ticking thread's own
};

void SharedQuotas::share(std::string kind, base::Quota& quota)
{
    auto shared = std::make_shared<Shared>(_limits, std::move(kind), quota);
    quota.share(shared);
    const std::lock_guard lock(_mutex);
    _shared.push_back(std::move(shared));
}

void SharedQuotas::tick(std::int64_t nowMs)
{
    const std::lock_guard lock(_mutex);
    for (const auto& shared : _shared)
        shared->tick(nowMs);
}

} // namespace tenon::store

#include "store/memory/MemoryLimits.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tenon::store
{

namespace
{

constexpr double MINUTE_MS = 60'000;

} // namespace

struct MemoryLimits::State
{
    explicit State(std::function<std::int64_t()> time) : clock(std::move(time)) {}

    struct Bucket
    {
        double missing = 0;
        std::int64_t at = 0;
    };
    struct Place
    {
        std::uint64_t count = 0;
        std::int64_t until = 0;
    };

    const std::function<std::int64_t()> clock;
    std::atomic<bool> away{false};

    std::mutex mutex; // guards all below
    std::map<std::string, Bucket> buckets;
    std::map<std::string, std::map<int, Place>> quotas; ///< by key, then by instance
    int instances = 0;
    bool held = false;
    std::vector<std::function<void()>> waiting;

    void answer(std::function<void()> tell)
    {
        {
            const std::lock_guard lock(mutex);
            if (held)
            {
                waiting.push_back(std::move(tell));
                return;
            }
        }
        tell();
    }
};

class MemoryLimits::Instance final : public SharedLimits
{
public:
    explicit Instance(std::shared_ptr<State> state) : _state(std::move(state))
    {
        const std::lock_guard lock(_state->mutex);
        _number = ++_state->instances;
    }

    void draw(const std::string& key, std::uint32_t perMinute, std::uint32_t spent, std::uint32_t wanted,
              std::function<void(const Drawn*)> answer) override
    {
        _state->answer(
            [this, key, perMinute, spent, wanted, answer = std::move(answer)]
            {
                if (_state->away)
                    return answer(nullptr);
                const Drawn drawn = drawNow(key, perMinute, spent, wanted);
                answer(&drawn);
            });
    }

    void reserve(const std::string& key, std::uint64_t most, std::uint64_t held, std::uint64_t wanted,
                 std::function<void(const Reserved*)> answer) override
    {
        _state->answer(
            [this, key, most, held, wanted, answer = std::move(answer)]
            {
                if (_state->away)
                    return answer(nullptr);
                const Reserved reserved = reserveNow(key, most, held, wanted);
                answer(&reserved);
            });
    }

    [[nodiscard]] bool away() const override { return _state->away; }

private:
    Drawn drawNow(const std::string& key, std::uint32_t perMinute, std::uint32_t spent, std::uint32_t wanted)
    {
        const std::int64_t now = _state->clock();
        const std::lock_guard lock(_state->mutex);
        auto& bucket = _state->buckets[key];
        const double full = perMinute;
        bucket.missing = std::max(0.0, bucket.missing - static_cast<double>(now - bucket.at) * full / MINUTE_MS);
        bucket.at = now;
        bucket.missing = std::min(bucket.missing + spent, 2 * full);
        const double there = std::max(0.0, std::floor(full - bucket.missing));
        const double granted = std::min<double>(wanted, there);
        bucket.missing += granted;
        return {static_cast<std::uint32_t>(granted), full - bucket.missing,
                static_cast<std::uint32_t>(_state->instances)};
    }

    Reserved reserveNow(const std::string& key, std::uint64_t most, std::uint64_t held, std::uint64_t wanted)
    {
        const std::int64_t now = _state->clock();
        const std::lock_guard lock(_state->mutex);
        auto& places = _state->quotas[key];
        std::erase_if(places, [now](const auto& entry) { return entry.second.until <= now; });
        std::uint64_t others = 0;
        for (const auto& [number, place] : places)
            others += number == _number ? 0 : place.count;
        const std::uint64_t there = most > others ? most - others : 0;
        const std::uint64_t granted = std::max(held, std::min(wanted, there));
        places[_number] = {granted, now + RESERVED_MS};
        return {granted, static_cast<std::uint32_t>(_state->instances)};
    }

    const std::shared_ptr<State> _state;
    int _number = 0;
};

MemoryLimits::MemoryLimits(std::function<std::int64_t()> clock) : _state(std::make_shared<State>(std::move(clock))) {}

std::unique_ptr<SharedLimits> MemoryLimits::instance()
{
    return std::make_unique<Instance>(_state);
}

void MemoryLimits::hold(bool answers)
{
    const std::lock_guard lock(_state->mutex);
    _state->held = answers;
}

std::size_t MemoryLimits::deliver()
{
    std::vector<std::function<void()>> all;
    {
        const std::lock_guard lock(_state->mutex);
        all.swap(_state->waiting);
    }
    for (const auto& tell : all)
        tell();
    return all.size();
}

void MemoryLimits::setAway(bool is)
{
    _state->away = is;
}

void MemoryLimits::forget()
{
    const std::lock_guard lock(_state->mutex);
    _state->buckets.clear();
    _state->quotas.clear();
}

} // namespace tenon::store

#include "guard/limits/Logins.h"

#include "store/SharedLimits.h"

#include <string>

namespace tenon::guard
{

Logins::Logins(store::SharedLimits* limits) : _limits(limits), _buckets(std::make_shared<Buckets>()) {}

void Logins::fail(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs)
{
    _buckets->fail(key, perMinute, nowMs);
    if (!_limits || _limits->away())
        return;
    _limits->draw(
        "login/" + std::string(key), perMinute, 1, 0,
        [buckets = _buckets, key = std::string(key), perMinute, nowMs](const store::SharedLimits::Drawn* drawn)
        {
            if (drawn)
                buckets->learn(key, perMinute, drawn->left, nowMs);
        });
}

} // namespace tenon::guard

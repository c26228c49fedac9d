#pragma once

#include "guard/limits/Buckets.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace tenon::store
{
class SharedLimits;
}

namespace tenon::guard
{

/// Failed logins of addresses, counted with other instances if there are any. The waits after failures in a row are each
/// instance's own.
///
/// Threading: any thread.
class Logins
{
public:
    /// Ownership: borrows `limits`; null: there is one instance.
    explicit Logins(store::SharedLimits* limits = nullptr);

    // As those of Buckets.
    [[nodiscard]] Buckets::State look(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs) const
    {
        return _buckets->look(key, perMinute, nowMs);
    }
    void fail(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs);
    void succeed(std::string_view key) { _buckets->succeed(key); }

private:
    store::SharedLimits* const _limits;
    const std::shared_ptr<Buckets> _buckets; ///< answers may come after the end of this
};

} // namespace tenon::guard

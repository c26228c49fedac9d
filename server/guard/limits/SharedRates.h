#pragma once

#include "guard/limits/Buckets.h"
#include "store/SharedLimits.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::guard
{

/// Rates that several instances hold together, in memory of a fixed size.
///
/// A request takes a token that this instance has drawn from the shared bucket, a block at a time; or it takes one on
/// credit, of this instance's part of what the bucket held when it was last heard of, and that is told to the bucket
/// behind. So no request waits for anybody. Where a client uses all instances at once, all of them together exceed the limit by
/// what they let in until the first answer; the bucket then owes it, and lets in less later.
///
/// While the store is away, or does not answer within a quarter of a second, each instance lets in its part of the limit, by
/// the number of instances that it last heard of.
///
/// Units:     milliseconds of `Clock::steadyMs`; what the bucket holds goes by the store's own clock.
/// Threading: any thread.
/// Ownership: borrows the limits. Answers may come after its end.
class SharedRates
{
public:
    explicit SharedRates(store::SharedLimits& limits, std::size_t places = 16384);

    /// As Buckets::take.
    Buckets::State take(std::string_view key, std::uint32_t perMinute, std::int64_t nowMs);

private:
    struct Table;
    struct Place;

    void ask(const std::string& key, std::uint64_t hash, std::uint32_t perMinute, std::uint32_t spent,
             std::uint32_t wanted, std::int64_t nowMs);

    store::SharedLimits& _limits;
    const std::shared_ptr<Table> _table;
};

} // namespace tenon::guard

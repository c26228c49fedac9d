#pragma once

#include "base/limits/Quota.h"
#include "store/SharedLimits.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::store
{

/// Quotas that several instances hold together.
///
/// Of what a key may hold, a tenth belongs to the instances in equal parts, to be taken without a question; the rest is
/// reserved in blocks, behind: who takes a place finds it reserved, or is refused. An instance that has not heard of a
/// key yet, or whose store is away, gives as much as its part of the whole.
///
/// Threading: any thread.
/// Ownership: borrows the limits. Answers may come after its end.
class SharedQuotas
{
public:
    explicit SharedQuotas(SharedLimits& limits) : _limits(limits) {}

    /// From now on others count too what `quota` counts. Before anything is taken. Shape: `kind` tells quotas apart.
    void share(std::string kind, base::Quota& quota);

    /// Gives back what is not needed, and reserves the rest anew. About twice a second.
    void tick(std::int64_t nowMs);

private:
    class Shared;

    SharedLimits& _limits;
    std::mutex _mutex; // guards what follows
    std::vector<std::shared_ptr<Shared>> _shared;
};

} // namespace tenon::store

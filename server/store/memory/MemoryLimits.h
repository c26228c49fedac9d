#pragma once

#include "store/SharedLimits.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tenon::store
{

/// Limits of instances in one process, as tests have them.
///
/// Threading: any thread. Ownership: its instances share what it holds.
class MemoryLimits
{
public:
    /// Shape: `clock` gives milliseconds that never go back.
    explicit MemoryLimits(std::function<std::int64_t()> clock);

    /// What one more instance sees. Its answers wait until `deliver`, if the limits were told to `hold` them.
    [[nodiscard]] std::unique_ptr<SharedLimits> instance();

    void hold(bool answers);
    /// Answers what waits; gives how many that were.
    std::size_t deliver();

    /// Plays a store that is away, or is there again.
    void setAway(bool is);
    /// Plays one that was restarted empty.
    void forget();

private:
    struct State;
    class Instance;
    const std::shared_ptr<State> _state;
};

} // namespace tenon::store

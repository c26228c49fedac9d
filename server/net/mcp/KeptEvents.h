#pragma once

#include "base/limits/Budget.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::net
{

/// The last events of one stream, for a client that lost it or that polls.
///
/// Threading: one thread at a time.
/// Ownership: borrows the budget that its bytes count against.
class KeptEvents
{
public:
    struct Event
    {
        std::uint64_t index; ///< from 1
        std::string name;
        std::string data;
    };

    KeptEvents(std::size_t maxBytes, base::Budget& budget) : _maxBytes(maxBytes), _held(budget) {}

    /// Keeps one event; the oldest ones go when there are too many. Shape: returns its index.
    std::uint64_t append(std::string_view name, std::string_view data);

    /// Those after `index`. Nothing, not even an empty list, if one of them has gone or `index` never was.
    [[nodiscard]] std::optional<std::vector<const Event*>> after(std::uint64_t index) const;

    /// The index before the oldest that is kept.
    [[nodiscard]] std::uint64_t oldest() const { return _last - _events.size(); }

    static constexpr std::size_t MAX_EVENTS = 1024;

private:
    const std::size_t _maxBytes;
    std::uint64_t _last = 0;
    std::size_t _bytes = 0;
    std::deque<Event> _events;
    base::BudgetShare _held;
};

} // namespace tenon::net

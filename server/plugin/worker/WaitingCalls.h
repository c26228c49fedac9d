#pragma once

#include "plugin/call/Instance.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tenon::plugin
{

/// Calls that no worker could take yet, in the order in which they came.
///
/// Threading: one thread at a time.
class WaitingCalls
{
public:
    struct Call
    {
        Target target;
        std::uint32_t index;
        CallBackendPtr call;
        std::optional<std::size_t> place; ///< only that worker may have it
        std::shared_ptr<void> keep;       ///< the instance: a call that waits must not be lost with it
    };

    void add(Call call) { _calls.push_back(std::move(call)); }
    [[nodiscard]] std::size_t size() const { return _calls.size(); }

    /// Takes all; what finds no worker again comes back by `putBack`, before what came meanwhile.
    [[nodiscard]] std::deque<Call> takeAll() { return std::exchange(_calls, {}); }
    void putBack(std::deque<Call> calls)
    {
        calls.insert(calls.end(), std::make_move_iterator(_calls.begin()), std::make_move_iterator(_calls.end()));
        _calls.swap(calls);
    }

    /// Takes those that nobody waits for any more.
    [[nodiscard]] std::vector<Call> takeCancelled()
    {
        std::vector<Call> cancelled;
        std::erase_if(_calls,
                      [&](Call& waiting)
                      {
                          if (!waiting.call->isCancelled())
                              return false;
                          cancelled.push_back(std::move(waiting));
                          return true;
                      });
        return cancelled;
    }

private:
    std::deque<Call> _calls;
};

} // namespace tenon::plugin

#pragma once

#include "base/limits/Budget.h"
#include "base/threads/Executor.h"
#include "mcp/messages/ResponseSink.h"

#include <cstddef>
#include <functional>
#include <string_view>

namespace tenon::net
{

/// Compresses large answers on threads of its own, of lower priority: ten megabytes take a quarter of a second, for
/// which no other request is to wait.
///
/// Threading: any thread; `stop` once.
/// Ownership: borrows the budget, which the copies of answers count against.
class AnswerPacker
{
public:
    /// Gets the answer again, with the body as gzip has made it; empty if it would not be smaller. Must not throw.
    using Then = std::function<void(const mcp::Answer& answer, std::string_view packed)>;

    AnswerPacker(base::Budget& budget, std::size_t maxThreads) : _budget(budget), _threads(maxThreads) {}

    /// Copies the answer. False, with nothing done, if there is no thread or no memory for it.
    [[nodiscard]] bool post(const mcp::Answer& answer, Then then) noexcept;

    /// Ends when everything that was posted is done.
    void stop() { _threads.stop(); }

private:
    base::Budget& _budget;
    base::Executor _threads;
};

} // namespace tenon::net

#pragma once

#include "base/metrics/Metrics.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::ops
{

/// Lines that are collected until they are sent together, a number of them at most.
///
/// Threading: any thread.
class LineBatch
{
public:
    explicit LineBatch(std::size_t most) : _most(static_cast<std::int64_t>(most)), _room(_most) {}

    [[nodiscard]] bool room() const noexcept { return _room.load(std::memory_order_relaxed) > 0; }

    /// Whether one more fits; counts it as skipped if not. Does not keep its place.
    [[nodiscard]] bool hasRoom() noexcept;

    /// Shape: `line` is a JSON object.
    void add(std::string_view line);

    /// {"skipped":…,"lines":[…]}, and begins anew; empty if nothing came.
    [[nodiscard]] std::string take();

private:
    const std::int64_t _most;
    std::atomic<std::int64_t> _room;
    base::Counter _skipped; ///< since the beginning: a busy server counts here for each request

    std::mutex _mutex;       // guards:
    std::uint64_t _told = 0; ///< of those that were skipped
    std::string _lines;      ///< with commas between them
};

} // namespace tenon::ops

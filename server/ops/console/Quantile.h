#pragma once

#include "base/metrics/Metrics.h"

#include <array>
#include <cstdint>

namespace tenon::ops
{

/// What a histogram has counted, as numbers that can be subtracted.
class Observations
{
public:
    Observations() = default;

    void add(const base::Histogram& histogram) noexcept;

    /// What came in since `before`, an earlier state of the same histograms.
    [[nodiscard]] Observations since(const Observations& before) const noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept;

    /// Shape: `share` is 0.99 for the 99th percentile. Units: milliseconds, interpolated within a bucket; 0 if there
    ///        was no observation.
    [[nodiscard]] double quantileMs(double share) const noexcept;

private:
    std::array<std::uint64_t, base::Histogram::BOUNDS_US.size() + 1> _buckets{};
};

} // namespace tenon::ops

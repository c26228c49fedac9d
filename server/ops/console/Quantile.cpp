#include "ops/console/Quantile.h"

namespace tenon::ops
{

namespace
{

constexpr auto& BOUNDS = base::Histogram::BOUNDS_US;
constexpr double US_PER_MS = 1000;

} // namespace

void Observations::add(const base::Histogram& histogram) noexcept
{
    for (std::size_t at = 0; at < _buckets.size(); ++at)
        _buckets[at] += histogram.bucket(at);
}

Observations Observations::since(const Observations& before) const noexcept
{
    Observations result;
    for (std::size_t at = 0; at < _buckets.size(); ++at)
        result._buckets[at] = _buckets[at] > before._buckets[at] ? _buckets[at] - before._buckets[at] : 0;
    return result;
}

std::uint64_t Observations::count() const noexcept
{
    std::uint64_t sum = 0;
    for (const std::uint64_t bucket : _buckets)
        sum += bucket;
    return sum;
}

double Observations::quantileMs(double share) const noexcept
{
    const double wanted = share * static_cast<double>(count());
    double below = 0;
    for (std::size_t at = 0; at < _buckets.size(); ++at)
    {
        const auto inside = static_cast<double>(_buckets[at]);
        if (inside == 0 || below + inside < wanted)
        {
            below += inside;
            continue;
        }
        const double low = at == 0 ? 0 : static_cast<double>(BOUNDS[at - 1]);
        if (at == BOUNDS.size())
            return low / US_PER_MS; // beyond the last bound nothing more is known
        return (low + (static_cast<double>(BOUNDS[at]) - low) * (wanted - below) / inside) / US_PER_MS;
    }
    return 0;
}

} // namespace tenon::ops

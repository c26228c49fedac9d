#include "ops/metrics/ConventionMetrics.h"

#include "mcp/offer/OperationFigures.h"

#include <algorithm>
#include <map>
#include <string>

namespace tenon::ops
{

namespace
{

using mcp::OperationFigures;
using Distribution = PrometheusText::Distribution;

void subtract(Distribution& all, const Distribution& part)
{
    const auto less = [](std::uint64_t whole, std::uint64_t of) { return whole > of ? whole - of : 0; };
    for (std::size_t at = 0; at < std::min(all.buckets.size(), part.buckets.size()); ++at)
        all.buckets[at] = less(all.buckets[at], part.buckets[at]);
    all.sumUs = less(all.sumUs, part.sumUs);
}

/// The sessions' durations under a second name.
void addSessions(PrometheusText& text, const base::MetricsRegistry::Family& sessions)
{
    text.family("mcp_server_session_duration_seconds", sessions.help, PrometheusText::Type::HISTOGRAM);
    for (const auto& metric : sessions.metrics)
        text.sample(*metric.histogram, metric.labels);
}

} // namespace

void addConventionMetrics(PrometheusText& text, const base::MetricsRegistry& registry)
{
    std::map<std::string, Distribution> tools; ///< calls that went well
    const base::MetricsRegistry::Family* operations = nullptr;
    const auto families = registry.snapshot();
    for (const auto& family : families)
        if (family.name == OperationFigures::NAME)
            operations = &family;
        else if (family.name == "session_duration_seconds")
            addSessions(text, family);
        else if (family.name == "tenon_tool_duration_seconds")
            for (const auto& metric : family.metrics)
                if (const auto tool = metric.labels.find("tool"); tool != metric.labels.end())
                    tools.emplace(tool->second, *metric.histogram);
    if (!operations)
        return;
    text.family(operations->name, operations->help, PrometheusText::Type::HISTOGRAM);
    for (const auto& metric : operations->metrics)
    {
        text.sample(*metric.histogram, metric.labels);
        const auto tool = metric.labels.find(OperationFigures::TOOL);
        if (tool == metric.labels.end())
            continue;
        if (const auto all = tools.find(tool->second); all != tools.end())
            subtract(all->second, Distribution(*metric.histogram));
    }
    for (const auto& [tool, calls] : tools)
        if (std::any_of(calls.buckets.begin(), calls.buckets.end(), [](std::uint64_t bucket) { return bucket != 0; }))
            text.sample(calls, {{OperationFigures::METHOD, "tools/call"}, {OperationFigures::TOOL, tool}});
}

} // namespace tenon::ops

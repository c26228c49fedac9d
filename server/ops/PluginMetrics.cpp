#include "ops/PluginMetrics.h"

#include <array>
#include <string>
#include <utility>

namespace tenon::ops
{

namespace
{

using prometheus::MetricType;

struct Column
{
    const char* name;
    const char* help;
    MetricType type;
    double (*read)(const StatusSource::Plugin& plugin);
};

constexpr auto COUNTER = MetricType::Counter;
constexpr auto GAUGE = MetricType::Gauge;

const std::array<Column, 9> COLUMNS = {{
    {"tenon_plugin_up", "Whether the plugin serves calls.", GAUGE,
     [](const auto& plugin) { return plugin.state == "running" ? 1.0 : 0.0; }},
    {"tenon_plugin_memory_bytes", "Resident memory of the plugin's worker; 0 in the server's process.", GAUGE,
     [](const auto& plugin) { return static_cast<double>(plugin.memoryBytes); }},
    {"tenon_plugin_calls_in_flight", "Calls that run in the plugin now.", GAUGE,
     [](const auto& plugin) { return static_cast<double>(plugin.calls); }},
    {"tenon_plugin_lost_threads", "Threads that calls hold long after their deadline.", GAUGE,
     [](const auto& plugin) { return static_cast<double>(plugin.lostThreads); }},
    {"tenon_plugin_restarts_total", "Workers started after the first one.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.restarts); }},
    {"tenon_plugin_crashes_total", "Ends of workers that nobody ordered.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.crashes); }},
    {"tenon_plugin_kills_total", "Workers killed because a call did not end.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.kills); }},
    {"tenon_plugin_reloads_total", "Changed files that took over.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.reloads); }},
    {"tenon_plugin_failed_reloads_total", "Changed files that were refused.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.failedReloads); }},
}};

prometheus::MetricFamily family(const char* name, const char* help, MetricType type)
{
    prometheus::MetricFamily made;
    made.name = name;
    made.help = help;
    made.type = type;
    return made;
}

prometheus::ClientMetric metric(MetricType type, const char* label, const std::string& of, double value)
{
    prometheus::ClientMetric made;
    made.label.push_back({label, of});
    (type == MetricType::Counter ? made.counter.value : made.gauge.value) = value;
    return made;
}

} // namespace

void addPluginMetrics(std::vector<prometheus::MetricFamily>& families, const StatusSource& status)
{
    const auto plugins = status.plugins();
    for (const Column& column : COLUMNS)
    {
        auto made = family(column.name, column.help, column.type);
        for (const auto& plugin : plugins)
            made.metric.push_back(metric(column.type, "plugin", plugin.name, column.read(plugin)));
        if (!made.metric.empty())
            families.push_back(std::move(made));
    }
    auto queues = family("tenon_tool_calls_queued", "Calls of a tool that wait for their turn.", GAUGE);
    for (const auto& [tool, waiting] : status.queues())
        queues.metric.push_back(metric(GAUGE, "tool", tool, static_cast<double>(waiting)));
    if (!queues.metric.empty())
        families.push_back(std::move(queues));
}

} // namespace tenon::ops

#include "ops/metrics/PluginMetrics.h"

#include <array>

namespace tenon::ops
{

namespace
{

struct Column
{
    const char* name;
    const char* help;
    PrometheusText::Type type;
    double (*read)(const plugin::PluginStatus& plugin);
};

using enum PrometheusText::Type;

const std::array<Column, 13> COLUMNS = {{
    {"tenon_plugin_up", "Whether the plugin serves calls.", GAUGE,
     [](const auto& plugin) { return plugin.state == "running" ? 1.0 : 0.0; }},
    {"tenon_plugin_memory_bytes", "Resident memory of the plugin's worker; 0 in the server's process.", GAUGE,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.residentBytes); }},
    {"tenon_plugin_calls_in_flight", "Calls that run in the plugin now.", GAUGE,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.callsInside); }},
    {"tenon_plugin_lost_threads", "Threads that calls hold long after their deadline.", GAUGE,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.lostThreads); }},
    {"tenon_plugin_restarts_total", "Workers started after the first one.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.restarts); }},
    {"tenon_plugin_crashes_total", "Workers that ended unexpectedly.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.crashes); }},
    {"tenon_plugin_kills_total", "Workers killed because a call did not end.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.kills); }},
    {"tenon_plugin_reloads_total", "Changed files that took over.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.reloads); }},
    {"tenon_plugin_failed_reloads_total", "Changed files that were refused.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.failedReloads); }},
    {"tenon_plugin_thread_waiting", "Calls that wait for a thread of the attached program.", GAUGE,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.threadWait.calls); }},
    {"tenon_plugin_thread_waiting_seconds", "How long the first of them has waited.", GAUGE,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.threadWait.longestUs) / 1e6; }},
    {"tenon_plugin_thread_waits_total", "Calls that a thread of the attached program took.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.threadWait.taken); }},
    {"tenon_plugin_thread_wait_seconds_total", "How long they had waited for it.", COUNTER,
     [](const auto& plugin) { return static_cast<double>(plugin.instance.threadWait.takenUs) / 1e6; }},
}};

} // namespace

void addPluginMetrics(PrometheusText& text, const std::vector<plugin::PluginStatus>& plugins)
{
    for (const Column& column : COLUMNS)
    {
        text.family(column.name, column.help, column.type);
        for (const auto& plugin : plugins)
            text.sample(column.read(plugin), {{"plugin", plugin.name}});
    }
}

void addQueueMetrics(PrometheusText& text, const plugin::Catalogue& catalogue)
{
    text.family("tenon_tool_calls_queued", "Calls of a tool that wait for their turn.", GAUGE);
    for (const auto& tool : catalogue.tools)
        if (tool.queue)
            text.sample(static_cast<double>(tool.queue->queued()), {{"tool", tool.name}});
}

} // namespace tenon::ops

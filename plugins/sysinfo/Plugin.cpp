#include "sysinfo/Described.h"

#include <LiveView.h>

#include <tenon/plugin.hpp>

#include <cstdio>

/// What of the core becomes tools.

namespace tenon::sysinfo
{

namespace
{

constexpr const char* VIEW_URI = "ui://sysinfo/live";
constexpr unsigned MAX_SAMPLES = 1000;
constexpr int SAMPLERS = 8; // calls at once; each holds a thread

struct Options
{
    bool processes = true;
    bool commandLines = false;
    bool networkDisks = false;
    unsigned maxProcesses = 500;
    unsigned maxSampleSeconds = 60;
};

Options readOptions(Plugin& plugin)
{
    Options options;
    options.processes = plugin.setting("processes", options.processes, "Whether processes are shown");
    options.commandLines = plugin.setting("commandLines", options.commandLines,
                                          "Whether processes are shown with their command lines; Linux only");
    options.networkDisks =
        plugin.setting("networkDisks", options.networkDisks, "Whether disks of other machines are shown");
    options.maxProcesses = plugin.setting("maxProcesses", options.maxProcesses, "Processes of one answer", "1..");
    options.maxSampleSeconds = plugin.setting("maxSampleSeconds", options.maxSampleSeconds,
                                              "How long one sysinfo_sample may watch, in seconds", "1..3600");
    return options;
}

/// Waits as long as an interval between two readings takes.
///
/// Errors: CallCancelled.
void waitFor(const Call& call, std::uint64_t milliseconds)
{
    RealPace pace([&call] { return call.cancelled(); });
    if (!pace.waitUntil(pace.now() + std::chrono::milliseconds(milliseconds)))
        throw CallCancelled();
}

CpuView readCpu(const Call& call, const Platform& platform, std::uint64_t intervalMs, bool perCore)
{
    const CpuReading before = platform.cpu();
    waitFor(call, intervalMs);
    const CpuReading after = platform.cpu();
    const CpuInfo info = platform.cpuInfo();
    CpuView view{info.model, info.logicalCores, info.physicalCores,      info.megahertz, 0,
                 {},         platform.load(),   platform.uptimeSeconds()};
    view.usedPercent = rounded(busyPercent(before.all, after.all));
    if (perCore && before.cores.size() == after.cores.size())
    {
        view.coresUsedPercent.emplace();
        for (std::size_t i = 0; i < after.cores.size(); ++i)
            view.coresUsedPercent->push_back(rounded(busyPercent(before.cores[i], after.cores[i])));
    }
    return view;
}

ProcessesView readProcesses(const Call& call, const Platform& platform, const Options& options, ProcessOrder order,
                            unsigned limit, const std::string& name, std::uint64_t intervalMs)
{
    std::vector<Process> before;
    const auto begin = std::chrono::steady_clock::now();
    if (intervalMs > 0)
    {
        before = platform.processes(false);
        waitFor(call, intervalMs);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::vector<Process> after = platform.processes(options.commandLines);
    ProcessesView view;
    view.total = after.size();
    for (ProcessUsage& usage :
         topProcesses(before, std::move(after), intervalMs > 0 ? seconds : 0, platform.memory().total, order, name,
                      std::min(limit, options.maxProcesses)))
        view.processes.emplace_back(std::move(usage));
    return view;
}

std::string percentText(double percent)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", percent);
    return text;
}

Sampling readSamples(Call& call, const Platform& platform, double seconds, unsigned samples)
{
    RealPace pace([&call] { return call.cancelled(); });
    Sampling sampling = takeSamples(
        platform, std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)), samples, pace,
        [&](const Sample& sample, unsigned number)
        {
            call.progress(number, samples,
                          "CPU " + percentText(sample.cpuPercent) + ", memory " + percentText(sample.memoryPercent));
        });
    if (sampling.cancelled)
        throw CallCancelled();
    return sampling;
}

void addStates(Plugin& plugin, const Platform& platform, const Options& options)
{
    plugin
        .tool("sysinfo_cpu", "Tells the machine's processor: model, cores, load, uptime, and how busy it is, measured "
                             "over a short interval.")
        .title("Processor")
        .annotations(readOnly(), openWorld(false))
        .ui(VIEW_URI, LIVE_VIEW)
        .param<std::uint64_t>("intervalMs", "How long to measure, in milliseconds", defaultTo(200), range(50, 5000))
        .param<bool>("perCore", "Whether to tell each core's use too", defaultTo(false))
        .handle([&platform](Call& call, std::uint64_t intervalMs, bool perCore)
                { return readCpu(call, platform, intervalMs, perCore); });

    plugin.tool("sysinfo_memory", "Tells the machine's memory and swap: total, used, available.")
        .title("Memory")
        .annotations(readOnly(), openWorld(false))
        .ui(VIEW_URI, LIVE_VIEW)
        .handle([&platform] { return MemoryView(platform.memory()); });

    plugin.tool("sysinfo_disks", "Tells the machine's disks: where they are mounted, how large, how full.")
        .title("Disks")
        .annotations(readOnly(), openWorld(false))
        .handle(
            [&platform, network = options.networkDisks]
            {
                DisksView view;
                for (const Disk& disk : platform.disks(network))
                    view.disks.emplace_back(disk);
                return view;
            });
}

void addProcesses(Plugin& plugin, const Platform& platform, const Options& options)
{
    plugin
        .tool("sysinfo_processes", "Lists the processes of the machine that use the most processor time or memory, or "
                                   "those with a certain name.")
        .title("Processes")
        .annotations(readOnly(), openWorld(false))
        .param<ProcessOrder>("sortBy", "'cpu' and 'memory': the greediest first; 'age': the youngest first",
                             defaultTo(ProcessOrder::CPU))
        .param<unsigned>("limit", "How many to give", defaultTo(10u), range(1u, options.maxProcesses))
        .param<std::string>("name", "Only processes whose name contains this, without regard to case", defaultTo(""))
        .param<std::uint64_t>("intervalMs",
                              "How long to measure processor time, in milliseconds; 0: the average since "
                              "each process was started",
                              defaultTo(300), range(0, 5000))
        .handle([&platform, options](Call& call, ProcessOrder order, unsigned limit, const std::string& name,
                                     std::uint64_t intervalMs)
                { return readProcesses(call, platform, options, order, limit, name, intervalMs); });
}

void addSample(Plugin& plugin, const Platform& platform, const Options& options)
{
    plugin
        .tool("sysinfo_sample",
              "Watches the use of processor and memory for a while and gives a series of samples with "
              "minimum, average and maximum. Reports progress with every sample.")
        .title("Watch the load")
        .annotations(readOnly(), openWorld(false))
        .maxConcurrent(SAMPLERS)
        .timeout(std::chrono::seconds(options.maxSampleSeconds + 30))
        .param<double>("seconds", "How long to watch", defaultTo(5.0),
                       range(0.1, static_cast<double>(options.maxSampleSeconds)))
        .param<unsigned>("samples", "How many samples to take in that time", defaultTo(10u), range(1u, MAX_SAMPLES))
        .handle([&platform](Call& call, double seconds, unsigned samples)
                { return readSamples(call, platform, seconds, samples); });
}

} // namespace

} // namespace tenon::sysinfo

TENON_PLUGIN("sysinfo", "1.0.0", plugin)
{
    using namespace tenon::sysinfo;
    plugin.title("System").description("Processor, memory, disks and processes of the machine the server runs on.");
    const Options options = readOptions(plugin);
    const Platform& platform = *plugin.make<std::unique_ptr<Platform>>(Platform::make());
    addStates(plugin, platform, options);
    if (options.processes)
        addProcesses(plugin, platform, options);
    addSample(plugin, platform, options);
}

#include "sysinfo/ProcText.h"

#include <algorithm>
#include <map>
#include <set>

namespace tenon::sysinfo::proc
{

namespace
{

std::string_view nextLine(std::string_view& text)
{
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

std::string_view nextWord(std::string_view& line)
{
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
}

std::uint64_t toInteger(std::string_view word)
{
    std::uint64_t value = 0;
    for (const char c : word)
    {
        if (c < '0' || c > '9')
            break;
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
}

double toNumber(std::string_view word)
{
    // The kernel writes a point whatever the locale, and at most a few digits.
    double value = 0;
    double place = 0;
    for (const char c : word)
    {
        if (c == '.' && place == 0)
            place = 1;
        else if (c >= '0' && c <= '9')
        {
            value = value * 10 + (c - '0');
            place *= 10;
        }
        else
            break;
    }
    return place > 0 ? value / place : value;
}

/// user nice system idle iowait irq softirq steal; guest time is part of user time already.
CpuTimes parseTimes(std::string_view line)
{
    CpuTimes times;
    for (int field = 0; field < 8; ++field)
    {
        const std::uint64_t value = toInteger(nextWord(line));
        (field == 3 || field == 4 ? times.idle : times.busy) += value;
    }
    return times;
}

std::string_view trimmed(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    const std::size_t last = text.find_last_not_of(" \t");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// "a\040b" is "a b".
std::string unescapeOctal(std::string_view word)
{
    std::string text;
    const auto isOctal = [&](std::size_t at) { return at < word.size() && word[at] >= '0' && word[at] <= '7'; };
    for (std::size_t at = 0; at < word.size(); ++at)
    {
        if (word[at] == '\\' && isOctal(at + 1) && isOctal(at + 2) && isOctal(at + 3))
        {
            text += static_cast<char>((word[at + 1] - '0') * 64 + (word[at + 2] - '0') * 8 + (word[at + 3] - '0'));
            at += 3;
        }
        else
            text += word[at];
    }
    return text;
}

std::string stateName(char state)
{
    switch (state)
    {
    case 'R':
        return "running";
    case 'S':
        return "sleeping";
    case 'D':
        return "waiting";
    case 'T':
    case 't':
        return "stopped";
    case 'Z':
    case 'X':
        return "zombie";
    case 'I':
        return "idle";
    default:
        return std::string(1, state);
    }
}

constexpr std::string_view NETWORK[] = {"nfs",  "nfs4",      "cifs",  "smb3",  "smbfs",  "9p",      "afs",
                                        "ceph", "glusterfs", "ncpfs", "ocfs2", "lustre", "virtiofs"};
constexpr std::string_view NO_STORAGE[] = {
    "autofs",     "bdev",      "binfmt_misc", "bpf",      "cgroup",   "cgroup2", "configfs",
    "cpuset",     "debugfs",   "devpts",      "devtmpfs", "efivarfs", "fusectl", "hugetlbfs",
    "mqueue",     "nsfs",      "pipefs",      "proc",     "pstore",   "ramfs",   "rpc_pipefs",
    "securityfs", "selinuxfs", "sockfs",      "squashfs", "sysfs",    "tmpfs",   "tracefs"};

template <class List>
bool holds(const List& list, std::string_view word)
{
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

} // namespace

CpuReading parseStat(std::string_view stat)
{
    CpuReading reading;
    while (!stat.empty())
    {
        std::string_view line = nextLine(stat);
        const std::string_view word = nextWord(line);
        if (word == "cpu")
            reading.all = parseTimes(line);
        else if (word.substr(0, 3) == "cpu")
            reading.cores.push_back(parseTimes(line));
    }
    return reading;
}

CpuInfo parseCpuInfo(std::string_view cpuinfo)
{
    CpuInfo info;
    std::map<std::string, std::string, std::less<>> names;
    std::set<std::pair<std::uint64_t, std::uint64_t>> physical;
    std::uint64_t package = 0;
    while (!cpuinfo.empty())
    {
        const std::string_view line = nextLine(cpuinfo);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos)
            continue;
        const std::string_view name = trimmed(line.substr(0, colon));
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (name == "processor" && !value.empty() && value[0] >= '0' && value[0] <= '9')
            ++info.logicalCores;
        else if (name == "physical id")
            package = toInteger(value);
        else if (name == "core id")
            physical.insert({package, toInteger(value)});
        else if (name == "cpu MHz")
            info.megahertz = std::max(info.megahertz.value_or(0), toNumber(value));
        else
            names.emplace(name, value);
    }
    // x86, then what other architectures call it, the most telling first.
    for (const char* name : {"model name", "Model", "Hardware", "cpu model", "uarch", "cpu", "machine", "Processor"})
    {
        const auto found = names.find(name);
        if (found == names.end() || found->second.empty())
            continue;
        info.model = found->second;
        break;
    }
    if (!physical.empty())
        info.physicalCores = static_cast<unsigned>(physical.size());
    return info;
}

std::optional<Load> parseLoad(std::string_view load)
{
    Load result;
    const std::string_view first = nextWord(load);
    if (first.empty())
        return std::nullopt;
    result.oneMinute = toNumber(first);
    result.fiveMinutes = toNumber(nextWord(load));
    result.fifteenMinutes = toNumber(nextWord(load));
    return result;
}

double parseUptime(std::string_view uptime)
{
    return toNumber(nextWord(uptime));
}

Memory parseMemory(std::string_view meminfo)
{
    std::map<std::string, std::uint64_t, std::less<>> values;
    while (!meminfo.empty())
    {
        std::string_view line = nextLine(meminfo);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos)
            continue;
        const std::string name(line.substr(0, colon));
        line.remove_prefix(colon + 1);
        values[name] = toInteger(nextWord(line)) * 1024;
    }
    Memory memory;
    memory.total = values["MemTotal"];
    memory.free = values["MemFree"];
    memory.cached = values["Cached"] + values["Buffers"] + values["SReclaimable"];
    // Kernels before 3.14 do not say what is available.
    memory.available = values.count("MemAvailable") ? values["MemAvailable"] : memory.free + memory.cached;
    memory.swapTotal = values["SwapTotal"];
    memory.swapFree = values["SwapFree"];
    return memory;
}

std::vector<Mount> parseMounts(std::string_view mounts)
{
    std::vector<Mount> result;
    while (!mounts.empty())
    {
        std::string_view line = nextLine(mounts);
        Mount mount;
        mount.device = unescapeOctal(nextWord(line));
        mount.path = unescapeOctal(nextWord(line));
        mount.fileSystem = unescapeOctal(nextWord(line));
        const std::string_view options = nextWord(line);
        mount.readOnly = options == "ro" || options.substr(0, 3) == "ro,";
        if (!mount.path.empty())
            result.push_back(std::move(mount));
    }
    return result;
}

bool parseProcess(std::string_view stat, double uptimeSeconds, long ticks, long page, Process& process)
{
    // The name may hold anything, spaces and brackets too; the last bracket ends it.
    const std::size_t open = stat.find('(');
    const std::size_t close = stat.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open || ticks <= 0)
        return false;
    process.id = static_cast<std::int64_t>(toInteger(stat));
    process.name = std::string(stat.substr(open + 1, close - open - 1));
    std::string_view rest = stat.substr(close + 1);
    std::uint64_t cpuTicks = 0;
    std::uint64_t started = 0;
    // Fields are counted from 1 in proc(5); the state is the third.
    for (int field = 3; field <= 24; ++field)
    {
        const std::string_view word = nextWord(rest);
        if (word.empty())
            return false;
        if (field == 3)
            process.state = stateName(word[0]);
        else if (field == 4)
            process.parent = static_cast<std::int64_t>(toInteger(word));
        else if (field == 14 || field == 15)
            cpuTicks += toInteger(word);
        else if (field == 20)
            process.threads = static_cast<unsigned>(toInteger(word));
        else if (field == 22)
            started = toInteger(word);
        else if (field == 24)
            process.residentBytes = toInteger(word) * static_cast<std::uint64_t>(page);
    }
    process.cpuSeconds = static_cast<double>(cpuTicks) / static_cast<double>(ticks);
    process.ageSeconds = std::max(0.0, uptimeSeconds - static_cast<double>(started) / static_cast<double>(ticks));
    return true;
}

std::string parseCommandLine(std::string_view cmdline)
{
    while (!cmdline.empty() && cmdline.back() == '\0')
        cmdline.remove_suffix(1);
    std::string text(cmdline);
    std::replace(text.begin(), text.end(), '\0', ' ');
    return text;
}

std::vector<Mount> storageOf(std::vector<Mount> mounts, bool network)
{
    std::vector<Mount> result;
    for (Mount& mount : mounts)
    {
        // What FUSE shows may be anything; "fuseblk" is a disk.
        const bool remote =
            holds(NETWORK, mount.fileSystem) || mount.fileSystem.rfind("fuse.", 0) == 0 || mount.fileSystem == "fuse";
        if (holds(NO_STORAGE, mount.fileSystem) || (remote && !network))
            continue;
        const bool isDevice = mount.device.find('/') != std::string::npos;
        const auto same = std::find_if(result.begin(), result.end(),
                                       [&](const Mount& other) { return isDevice && other.device == mount.device; });
        if (same == result.end())
            result.push_back(std::move(mount));
        else if (mount.path.size() < same->path.size())
            *same = std::move(mount);
    }
    return result;
}

} // namespace tenon::sysinfo::proc

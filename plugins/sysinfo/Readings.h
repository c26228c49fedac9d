#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// What the operating system tells, before anything is made of it.

namespace tenon::sysinfo
{

/// Time that a processor has spent, in any unit: only the share counts.
struct CpuTimes
{
    std::uint64_t busy = 0;
    std::uint64_t idle = 0; ///< waiting for disks included
};

struct CpuReading
{
    CpuTimes all;
    std::vector<CpuTimes> cores; ///< logical ones; empty where the system does not tell
};

struct CpuInfo
{
    std::string model;
    unsigned logicalCores = 0;
    std::optional<unsigned> physicalCores;
    std::optional<double> megahertz; ///< of the fastest core, now
};

struct Load
{
    double oneMinute = 0;
    double fiveMinutes = 0;
    double fifteenMinutes = 0;
};

/// Bytes.
struct Memory
{
    std::uint64_t total = 0;
    std::uint64_t available = 0; ///< for programs, without swapping; caches that can be dropped included
    std::uint64_t free = 0;
    std::uint64_t cached = 0;
    std::uint64_t swapTotal = 0;
    std::uint64_t swapFree = 0;
};

struct Mount
{
    std::string device;
    std::string path;
    std::string fileSystem;
    bool readOnly = false;
};

struct Disk
{
    Mount mount;
    std::uint64_t total = 0; ///< bytes, likewise the next two
    std::uint64_t free = 0;
    std::uint64_t available = 0; ///< for ordinary users
};

struct Process
{
    std::int64_t id = 0;
    std::int64_t parent = 0;
    std::string name;
    std::string user;
    std::string state; ///< "running", "sleeping", "waiting", "stopped", "zombie", "idle"
    unsigned threads = 0;
    double cpuSeconds = 0;           ///< since it was started
    double ageSeconds = 0;           ///< since it was started
    std::uint64_t residentBytes = 0; ///< memory in use
    std::string commandLine;         ///< only if it was asked for
};

/// This system does not tell, or not to us; what() is a sentence for a model.
class Unavailable : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

} // namespace tenon::sysinfo

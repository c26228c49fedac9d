#pragma once

#include "sysinfo/Readings.h"

#include <memory>
#include <optional>

namespace tenon::sysinfo
{

/// Asks the operating system.
///
/// Errors:    Unavailable.
/// Threading: any thread.
class Platform
{
public:
    virtual ~Platform() = default;

    virtual CpuInfo cpuInfo() const = 0;
    virtual CpuReading cpu() const = 0;
    virtual std::optional<Load> load() const = 0; ///< Unix only
    virtual double uptimeSeconds() const = 0;
    virtual Memory memory() const = 0;

    /// `network`: those of other machines too; asking about one that does not answer may take long.
    virtual std::vector<Disk> disks(bool network) const = 0;
    virtual std::vector<Process> processes(bool commandLines) const = 0;

    /// The one of this system.
    static std::unique_ptr<Platform> make();
};

} // namespace tenon::sysinfo

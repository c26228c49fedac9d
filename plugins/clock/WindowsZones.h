#pragma once

#include "clock/Zones.h"

#include <memory>
#include <string>
#include <vector>

namespace clock_plugin
{

/// Where zones come from on Windows. Threading: any thread.
class WindowsZones
{
public:
    virtual ~WindowsZones() = default;

    // As the functions of Zones.h.
    virtual std::shared_ptr<const ZoneRules> rules(const std::string& name) const = 0;
    virtual std::vector<std::string> names() const = 0;
    virtual std::string systemZone() const = 0;
    virtual std::string whyFew() const { return {}; }
};

/// IANA's zones, of the system's ICU. Null if it has none.
std::unique_ptr<WindowsZones> icuZones();

/// The registry's: by Windows' own names, "W. Europe Standard Time".
std::unique_ptr<WindowsZones> registryZones();

} // namespace clock_plugin

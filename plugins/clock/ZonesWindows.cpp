#include "clock/TzDatabase.h"
#include "clock/WindowsZones.h"

#include <windows.h>

namespace clock_plugin
{

namespace
{

std::filesystem::path variable(const wchar_t* name)
{
    wchar_t value[1024];
    const DWORD size = GetEnvironmentVariableW(name, value, 1024);
    return size > 0 && size < 1024 ? std::filesystem::path(value) : std::filesystem::path();
}

/// The files in the folder that TZDIR names. The machine's own zone has no IANA name then, but where TZ gives one.
class FileZones : public WindowsZones
{
public:
    explicit FileZones(const std::filesystem::path& folder) : _database(folder) {}

    std::shared_ptr<const ZoneRules> rules(const std::string& name) const override { return _database.rules(name); }
    std::vector<std::string> names() const override { return _database.names(); }
    std::string systemZone() const override
    {
        const std::string name = variable(L"TZ").string();
        if (_database.rules(name))
            return name;
        const auto icu = icuZones();
        const std::string system = icu ? icu->systemZone() : std::string();
        return _database.rules(system) ? system : std::string();
    }

private:
    mutable TzDatabase _database;
};

/// Found at the first question; no machine gets another Windows while the server runs.
const WindowsZones& zones()
{
    static const std::unique_ptr<const WindowsZones> found = []() -> std::unique_ptr<const WindowsZones>
    {
        if (const auto folder = variable(L"TZDIR"); !folder.empty())
            if (auto files = std::make_unique<FileZones>(folder); !files->names().empty())
                return files;
        if (auto icu = icuZones())
            return icu;
        return registryZones();
    }();
    return *found;
}

} // namespace

std::shared_ptr<const ZoneRules> zoneRules(const std::string& name)
{
    return zones().rules(name);
}

std::vector<std::string> zoneNames()
{
    return zones().names();
}

std::string whyFewZones()
{
    return zones().whyFew();
}

std::string systemZone()
{
    return zones().systemZone();
}

} // namespace clock_plugin

#include "clock/TzDatabase.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace clock_plugin
{

namespace
{

namespace fs = std::filesystem;

/// That of the folder which TZDIR names now.
TzDatabase& database()
{
    static std::mutex mutex;
    static std::map<fs::path, TzDatabase> databases; // guarded by mutex

    const char* const variable = std::getenv("TZDIR");
    const fs::path folder = variable && *variable ? variable : "/usr/share/zoneinfo";
    const std::lock_guard<std::mutex> lock(mutex);
    return databases.try_emplace(folder, folder).first->second;
}

/// The zone that a link to a file of the database names, wherever the database lies.
std::string zoneOfLink(const fs::path& link)
{
    static constexpr std::string_view FOLDER = "zoneinfo/";
    std::error_code error;
    const std::string target = fs::read_symlink(link, error).generic_string();
    const std::size_t at = target.rfind(FOLDER);
    return error || at == std::string::npos ? std::string() : target.substr(at + FOLDER.size());
}

std::string firstLine(const fs::path& file)
{
    std::ifstream stream(file);
    std::string line;
    std::getline(stream >> std::ws, line);
    line.erase(line.find_last_not_of(" \t\r") + 1);
    return line;
}

} // namespace

std::shared_ptr<const ZoneRules> zoneRules(const std::string& name)
{
    return database().rules(name);
}

std::vector<std::string> zoneNames()
{
    return database().names();
}

std::string whyFewZones()
{
    return zoneNames().empty()
               ? "This machine has no time zone database: its operator has to install tzdata. Until then "
                 "there are only UTC and offsets such as +02:00."
               : "";
}

std::string systemZone()
{
    if (const char* const variable = std::getenv("TZ"))
    {
        const std::string name = *variable == ':' ? variable + 1 : variable;
        if (name.empty())
            return "UTC";
        return zoneRules(name) ? name : std::string();
    }
    std::error_code error;
    if (!fs::exists("/etc/localtime", error))
        return "UTC";
    for (const std::string& name : {zoneOfLink("/etc/localtime"), firstLine("/etc/timezone")})
        if (zoneRules(name))
            return name;
    return {};
}

} // namespace clock_plugin

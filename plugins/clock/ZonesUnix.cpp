#include "clock/TzFile.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <tuple>

#include <sys/stat.h>

namespace clock_plugin
{

namespace
{

namespace fs = std::filesystem;

fs::path databaseFolder()
{
    const char* const folder = std::getenv("TZDIR");
    return folder && *folder ? folder : "/usr/share/zoneinfo";
}

/// What tells one state of a file from the next.
using Stamp = std::tuple<dev_t, ino_t, off_t, time_t, long>;

Stamp stampOf(const struct stat& status)
{
#if defined(__APPLE__)
    const timespec& modified = status.st_mtimespec;
#else
    const timespec& modified = status.st_mtim;
#endif
    return {status.st_dev, status.st_ino, status.st_size, modified.tv_sec, modified.tv_nsec};
}

/// The same zones under other rules, and what the machine is set to: beside the zones, but none of them.
bool isBesideTheZones(const std::string& name)
{
    for (const char* const other : {"posix", "right", "posixrules", "localtime"})
        if (name == other || name.rfind(std::string(other) + '/', 0) == 0)
            return true;
    return false;
}

/// Whether a name can be one of the database's: "../../etc/passwd" must not reach what consists of files.
bool canBeZone(const std::string& name)
{
    const auto fits = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
               c == '+' || c == '-';
    };
    return !name.empty() && name.front() != '/' && name.size() < 100 && std::all_of(name.begin(), name.end(), fits) &&
           !isBesideTheZones(name);
}

bool isZoneFile(const fs::path& file)
{
    char magic[4] = {};
    std::ifstream(file, std::ios::binary).read(magic, sizeof magic);
    return std::string_view(magic, sizeof magic) == "TZif";
}

std::vector<std::string> readZoneNames(const fs::path& folder)
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    {
        const std::string name = at->path().lexically_relative(folder).generic_string();
        if (isBesideTheZones(name))
            at.disable_recursion_pending();
        else if (at->is_regular_file(error) && canBeZone(name) && isZoneFile(at->path()))
            names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
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
    struct Read
    {
        Stamp stamp;
        std::shared_ptr<const ZoneRules> rules;
    };
    static std::mutex mutex;
    static std::map<std::string, Read> zones; // guarded by mutex; as many as the database has

    struct stat status = {};
    const fs::path file = databaseFolder() / name;
    if (!canBeZone(name) || ::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || !isZoneFile(file))
        return nullptr;
    const std::lock_guard<std::mutex> lock(mutex);
    const auto known = zones.find(name);
    if (known != zones.end() && known->second.stamp == stampOf(status))
        return known->second.rules;
    std::ifstream stream(file, std::ios::binary);
    const std::string data{std::istreambuf_iterator<char>(stream), {}};
    return (zones[name] = {stampOf(status), std::make_shared<TzFile>(data)}).rules;
}

std::vector<std::string> zoneNames()
{
    static std::mutex mutex;
    static std::vector<std::string> names; // guarded by mutex, likewise the stamp
    static Stamp stamp;

    struct stat status = {};
    const fs::path folder = databaseFolder();
    if (::stat(folder.c_str(), &status) != 0)
        return {};
    const std::lock_guard<std::mutex> lock(mutex);
    if (names.empty() || stamp != stampOf(status))
    {
        names = readZoneNames(folder);
        stamp = stampOf(status);
    }
    return names;
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
